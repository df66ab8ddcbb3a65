// In place of what needs annals::postgresql or annals::redis.
#include "tools/connectors.hpp"

namespace tools {

int run_sink(const connector_command&) {
  return fail({annals::errc::misuse, "this build has no read models in databases", "it was configured with ANNALS_POSTGRESQL and ANNALS_REDIS off"});
}

}  // namespace tools
