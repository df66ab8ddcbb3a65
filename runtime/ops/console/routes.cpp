#include "ops/console/routes.hpp"

#include "ops/console/pages.hpp"
#include "ops/http/security_headers.hpp"

#include <algorithm>

namespace annals::ops {
namespace {

constexpr demands open_to_all{};
constexpr demands in_session{.needs_session = true};
constexpr demands sent_in_session{.is_post = true, .needs_session = true};
constexpr demands action{.is_post = true, .needs_session = true, .is_action = true};

constexpr route all[] = {
    {"/health", open_to_all, show_health},
    {"/health/live", open_to_all, show_live},
    {"/health/ready", open_to_all, show_ready},
    {"/metrics", open_to_all, show_metrics},
    {"/api/login", {.is_post = true}, login},
    {"/api/logout", sent_in_session, logout},
    {"/api/session", in_session, show_session},
    {"/api/options", in_session, show_options},
    {"/api/overview", in_session, show_overview},
    {"/api/past", in_session, show_past},
    {"/api/categories", in_session, list_categories},
    {"/api/streams", in_session, list_streams},
    {"/api/find", in_session, find_text},
    {"/api/record", in_session, show_record},
    {"/api/stream", in_session, show_stream},
    {"/api/ticks", in_session, list_ticks},
    {"/api/state", in_session, show_state},
    {"/api/causes", in_session, list_causes},
    {"/api/processes", in_session, list_managers},
    {"/api/instances", in_session, list_instances},
    {"/api/instance", in_session, show_instance},
    {"/api/parked", in_session, list_parked},
    {"/api/models", in_session, list_models},
    {"/api/model", in_session, show_model},
    {"/api/tail", in_session, begin_tail},
    {"/api/actions/retry", action, retry},
    {"/api/actions/retry_group", action, retry_group},
    {"/api/actions/skip", action, skip},
    {"/api/actions/rebuild", action, rebuild},
};

}  // namespace

std::span<const route> routes() { return all; }

answer console_application::handle(const request& asked) {
  bool keeps = false;
  auto out = [&] {
    if (auto wrong = site_.guard->check(asked)) return std::move(*wrong);
    const auto found = std::find_if(std::begin(all), std::end(all), [&](const route& each) { return each.path == asked.path; });
    const bool is_page = found == std::end(all);
    // What is under /api/ and unknown needs a session, too: without one nobody learns what is there.
    const demands unknown{.exists = false, .needs_session = asked.path.starts_with("/api/")};
    auto passed = site_.guard->check(asked, is_page ? unknown : found->asks);
    if (auto* refused = std::get_if<answer>(&passed)) return std::move(*refused);
    if (is_page) return page(asked, keeps);
    call one{site_, asked, std::get<std::optional<session>>(std::move(passed))};
    return found->run(one);
  }();
  add_security_headers(out, keeps);
  return out;
}

void console_application::answered(const request& asked, int status) {
  site_.requests.count(asked.path, status);
  if (!site_.options.on_request) return;
  try {
    const auto who = site_.guard->session_of(asked);
    site_.options.on_request({asked.method, asked.path, status, asked.peer, who ? who->number : 0});
  } catch (...) {
    // It is the host's, and the answer is on its way.
  }
}

}  // namespace annals::ops
