// In place of what needs annals::postgresql.
#include "tools/sink_models.hpp"

namespace tools {

annals::result<sink_models> models_in_postgresql() {
  return annals::error{annals::errc::misuse, "this build has no read models in PostgreSQL", "it was configured with ANNALS_POSTGRESQL off"};
}

}  // namespace tools
