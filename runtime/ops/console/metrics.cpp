// What Prometheus scrapes: the figures of the runtime, of the console and of the process. Without a session, as /health: it names types,
// read models and subscriptions, and nothing that is stored.
#include "ops/console/routes.hpp"

#include <annals/prometheus.hpp>

#include <iterator>
#include <utility>

namespace annals::ops {

answer show_metrics(call& c) {
  if (!c.site.is_inside() || !c.site.options.metrics)
    return refusal(404, {errc::not_found, "there are no metrics here",
                         c.site.is_inside() ? "console_options::metrics is off" : "only the program that writes the store has them"});
  auto all = c.site.runtime->metrics();
  all.families.push_back(c.site.requests.shown());
  auto process = process_metrics();
  all.families.insert(all.families.end(), std::make_move_iterator(process.families.begin()), std::make_move_iterator(process.families.end()));
  answer out;
  out.type = "text/plain; version=0.0.4; charset=utf-8";
  out.body = prometheus_text(all);
  return out;
}

}  // namespace annals::ops
