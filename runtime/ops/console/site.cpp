#include "ops/console/site.hpp"

#include "ops/console/figures.hpp"
#include "ops/console/moments.hpp"
#include "ops/console/past.hpp"
#include "ops/console/tails.hpp"

#include <utility>

namespace annals::ops {

site::site(annals::view of, annals::runtime* rt, console_options with)
    : view(std::move(of)),
      runtime(rt),
      options(std::move(with)),
      store_id(view.store_id() ? *view.store_id() : std::string{}),
      started(now()),
      tails(std::make_unique<annals::ops::tails>(options.tails_max)),
      figures(std::make_unique<cached_figures>()),
      past(std::make_unique<past_figures>()) {}

site::~site() = default;

std::size_t site::open_tails() const { return tails->count(); }

int status_of(errc code) {
  switch (code) {
    case errc::bad_option: return 400;
    case errc::forbidden: return 403;
    case errc::not_found:
    case errc::not_hosted:
    case errc::bad_type: return 404;
    case errc::misuse:
    case errc::not_ready:
    case errc::conflict: return 409;
    case errc::too_large: return 413;
    case errc::overloaded:
    case errc::closed: return 503;
    case errc::timed_out: return 504;
    default: return 500;
  }
}

answer answer_of(const error& why) { return refusal(status_of(why.code), why); }

answer answer_of(result<json> found) {
  if (!found) return answer_of(found.error());
  answer out;
  out.body = text_of(*found);
  return out;
}

}  // namespace annals::ops
