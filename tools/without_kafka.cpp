// In place of what needs annals::kafka.
#include "tools/connectors.hpp"

namespace tools {
namespace {

annals::error no_kafka() { return {annals::errc::misuse, "this build has no connector to Kafka", "it was configured with ANNALS_KAFKA off"}; }

}  // namespace

int run_relay(const connector_command&) { return fail(no_kafka()); }
int run_intake(const connector_command&) { return fail(no_kafka()); }
annals::result<std::unique_ptr<publication>> publish_demo(annals::runtime&, const std::string&) { return no_kafka(); }
annals::result<std::unique_ptr<publication>> publish_demo(annals::remote&, const std::string&) { return no_kafka(); }

}  // namespace tools
