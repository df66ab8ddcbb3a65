// Which request goes to which handler.
#pragma once

#include "ops/console/site.hpp"

#include <span>
#include <string_view>

namespace annals::ops {

using handler = answer (*)(call&);

struct route {
  std::string_view path;
  demands asks;
  handler run;
};

/// All of them, but for the pages and their assets.
std::span<const route> routes();

/// Guards, then finds the handler, or the page.
class console_application final : public application {
public:
  explicit console_application(site& of) : site_(of) {}
  answer handle(const request& asked) override;
  void answered(const request& asked, int status) override;

private:
  answer find(const request& asked);
  site& site_;
};

// The handlers, by file.
answer show_health(call& c);  // health.cpp
answer show_live(call& c);
answer show_ready(call& c);
answer show_metrics(call& c);  // metrics.cpp
answer login(call& c);         // session.cpp
answer logout(call& c);
answer show_session(call& c);
answer show_options(call& c);     // options.cpp
answer show_overview(call& c);    // overview.cpp
answer show_past(call& c);        // past.cpp
answer list_categories(call& c);  // streams.cpp
answer list_streams(call& c);
answer find_text(call& c);      // find.cpp
answer show_record(call& c);    // stream.cpp
answer show_stream(call& c);    // stream.cpp
answer list_ticks(call& c);     // ticks.cpp
answer show_state(call& c);     // state.cpp
answer list_causes(call& c);    // causes.cpp
answer list_managers(call& c);  // processes.cpp
answer list_instances(call& c);
answer show_instance(call& c);  // instance.cpp
answer list_parked(call& c);    // parked.cpp
answer list_models(call& c);    // models.cpp
answer show_model(call& c);
answer begin_tail(call& c);  // tail.cpp
answer retry(call& c);       // actions.cpp
answer retry_group(call& c);
answer skip(call& c);
answer rebuild(call& c);

}  // namespace annals::ops
