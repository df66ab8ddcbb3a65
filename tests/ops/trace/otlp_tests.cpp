#include "ops/trace/otlp.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace annals;
using namespace annals::ops;
using json = nlohmann::json;

namespace {

trace_span a_span() {
  trace_span one;
  one.id = trace_context_of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").value();
  one.name = "send place_order";
  one.kind = span_kind::producer;
  one.begin = 1'700'000'000'123'456'789;
  one.end = one.begin + 1;
  one.category = "order";
  one.stream = "order-7";
  one.version = 3;
  one.at = 9'007'199'254'740'993;  // more than a double can tell
  one.outcome = "accepted";
  return one;
}

json encoded(const trace_span& one, const trace_export_options& with = {}) {
  const std::vector<trace_span> all{one};
  return json::parse(otlp_request(all, with));
}
json span_in(const json& request) { return request.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").at(0); }

/// The value of an attribute as text; empty if there is none.
std::string attribute(const json& list, const std::string& key) {
  for (const auto& one : list)
    if (one.at("key") == key) return one.at("value").begin()->get<std::string>();
  return {};
}

/// A queue that never has anything.
class no_spans final : public span_queue {
  std::vector<trace_span> take(std::size_t) override { return {}; }
  std::size_t size() const override { return 0; }
  void exported(std::uint64_t) override {}
  void failed(std::uint64_t) override {}
};

errc refused(trace_export_options with) {
  const auto started = trace_exporter::start(std::make_shared<no_spans>(), std::move(with));
  return started ? errc{0} : started.error().code;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(otlp)

BOOST_AUTO_TEST_CASE(a_span_is_written_as_the_protocol_wants_it) {
  const auto made = span_in(encoded(a_span()));
  BOOST_TEST(made.at("traceId") == "4bf92f3577b34da6a3ce929d0e0e4736");
  BOOST_TEST(made.at("spanId") == "00f067aa0ba902b7");
  BOOST_TEST(!made.contains("parentSpanId"));
  BOOST_TEST(!made.contains("links"));
  BOOST_TEST(made.at("name") == "send place_order");
  BOOST_TEST(made.at("kind") == 4);
  BOOST_TEST(made.at("startTimeUnixNano") == "1700000000123456789");
  BOOST_TEST(made.at("endTimeUnixNano") == "1700000000123456790");
  BOOST_TEST(made.at("status") == json::object());
  const auto& attributes = made.at("attributes");
  BOOST_TEST(attribute(attributes, "messaging.system") == "annals");
  BOOST_TEST(attribute(attributes, "messaging.operation.type") == "send");
  BOOST_TEST(attribute(attributes, "messaging.destination.name") == "order");
  BOOST_TEST(attribute(attributes, "annals.stream") == "order-7");
  BOOST_TEST(attribute(attributes, "annals.version") == "3");
  BOOST_TEST(attribute(attributes, "annals.position") == "9007199254740993");
  BOOST_TEST(attribute(attributes, "annals.outcome") == "accepted");
  BOOST_TEST(attribute(attributes, "annals.batch.events").empty());
}

BOOST_AUTO_TEST_CASE(what_a_span_does_not_have_is_left_out) {
  auto one = a_span();
  one.kind = span_kind::internal;
  one.stream.clear();
  one.version = one.at = 0;
  one.outcome = {};
  BOOST_TEST(span_in(encoded(one)).at("attributes").empty());
  one.batch_events = 12;
  one.parent = {1};
  one.link = one.id;
  one.has_failed = true;
  const auto made = span_in(encoded(one));
  BOOST_TEST(made.at("parentSpanId") == "0100000000000000");
  BOOST_TEST(made.at("links").at(0).at("traceId") == "4bf92f3577b34da6a3ce929d0e0e4736");
  BOOST_TEST(made.at("links").at(0).at("spanId") == "00f067aa0ba902b7");
  BOOST_TEST(made.at("status").at("code") == 2);
  BOOST_TEST(attribute(made.at("attributes"), "annals.batch.events") == "12");
}

BOOST_AUTO_TEST_CASE(a_key_may_have_any_bytes) {
  auto one = a_span();
  one.stream = std::string{
      "order-\"\\\n\xff\xc3(\0"
      "\xc3\xa9",
      15};
  const auto text = attribute(span_in(encoded(one)).at("attributes"), "annals.stream");
  BOOST_TEST(text.starts_with("order-\"\\\n\xef\xbf\xbd"));
}

BOOST_AUTO_TEST_CASE(the_resource_says_whose_spans_these_are) {
  const auto resource = encoded(a_span(), {.service = "shop", .attributes = {{"deployment.environment.name", "test"}}})
                            .at("resourceSpans")
                            .at(0)
                            .at("resource")
                            .at("attributes");
  BOOST_TEST(attribute(resource, "service.name") == "shop");
  BOOST_TEST(attribute(resource, "deployment.environment.name") == "test");
  BOOST_TEST(attribute(resource, "telemetry.sdk.name") == "annals");
}

BOOST_AUTO_TEST_CASE(only_what_may_pass_is_tried_again) {
  using kind = verdict::kind;
  for (const auto status : {200, 202, 204}) BOOST_TEST((verdict_on(status, "{}").what == kind::delivered));
  for (const auto status : {429, 502, 503, 504}) BOOST_TEST((verdict_on(status, "").what == kind::again));
  for (const auto status : {301, 400, 401, 403, 404, 413, 500, 501}) BOOST_TEST((verdict_on(status, "").what == kind::refused), status);
}

BOOST_AUTO_TEST_CASE(a_part_may_be_refused) {
  const auto part = verdict_on(200, R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}})");
  BOOST_TEST((part.what == verdict::kind::delivered));
  BOOST_TEST(part.refused_spans == 3u);
  BOOST_TEST(part.why.find("too old") != std::string::npos);
  BOOST_TEST(verdict_on(200, R"({"partialSuccess":{"rejectedSpans":4}})").refused_spans == 4u);
  for (const auto* body : {"", "{", "[]", "{}", R"({"partialSuccess":{}})", R"({"partialSuccess":7})", R"({"partialSuccess":{"rejectedSpans":"0"}})",
                           R"({"partialSuccess":{"rejectedSpans":-3}})", R"({"partialSuccess":{"rejectedSpans":"x"}})"}) {
    BOOST_TEST(verdict_on(200, body).refused_spans == 0u, body);
    BOOST_TEST(verdict_on(200, body).why.empty(), body);
  }
}

BOOST_AUTO_TEST_CASE(pauses_grow_and_the_collector_may_say_how_long) {
  std::vector<long> pauses;
  for (std::size_t attempts = 1; attempts <= 8; ++attempts) pauses.push_back(static_cast<long>(pause_after(attempts, "").count()));
  BOOST_TEST((pauses == std::vector<long>{1, 2, 4, 8, 16, 30, 30, 30}));
  BOOST_TEST(pause_after(1, "7").count() == 7);
  BOOST_TEST(pause_after(6, "0").count() == 1);
  BOOST_TEST(pause_after(1, "86400").count() == 30);
  for (const auto* text : {"-1", "x", "7 s", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999999999999999"})
    BOOST_TEST(pause_after(3, text).count() == 4, text);
}

BOOST_AUTO_TEST_CASE(an_endpoint_is_a_url_without_the_end) {
  BOOST_TEST(otlp_address_of("http://a:4318").value().origin == "http://a:4318");
  BOOST_TEST(otlp_address_of("http://a:4318").value().path == "/v1/traces");
  BOOST_TEST(otlp_address_of("https://a/otlp/").value().origin == "https://a");
  BOOST_TEST(otlp_address_of("https://a/otlp/").value().path == "/otlp/v1/traces");
  for (const auto* text : {"", "a:4318", "ftp://a", "http://", "http:///x", "http://a?b", "http://a b", "http://user:secret@a"})
    BOOST_TEST(!otlp_address_of(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused) {
  using std::chrono::milliseconds;
  BOOST_TEST((refused({}) == errc{0}));
  BOOST_TEST((refused({.endpoint = "collector"}) == errc::bad_option));
  BOOST_TEST((refused({.service = ""}) == errc::bad_option));
  BOOST_TEST((refused({.batch_spans = 0}) == errc::bad_option));
  BOOST_TEST((refused({.batch_spans = 16'385}) == errc::bad_option));
  BOOST_TEST((refused({.every = milliseconds{9}}) == errc::bad_option));
  BOOST_TEST((refused({.time_out = milliseconds{300'001}}) == errc::bad_option));
  BOOST_TEST((trace_exporter::start(nullptr).error().code == errc::misuse));
}

BOOST_AUTO_TEST_SUITE_END()
