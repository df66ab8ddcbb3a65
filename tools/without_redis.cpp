// In place of what needs annals::redis.
#include "tools/sink_models.hpp"

namespace tools {

annals::result<sink_models> models_in_redis() {
  return annals::error{annals::errc::misuse, "this build has no read models in Redis", "it was configured with ANNALS_REDIS off"};
}

}  // namespace tools
