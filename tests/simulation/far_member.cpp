#include "far_member.hpp"

#include "net/wire/records.hpp"

using namespace annals;
using net::call;

namespace {
constexpr std::chrono::seconds patience{5};
}  // namespace

far_member::far_member(std::weak_ptr<far_caller> by, std::string_view name, const subscription_options& with, std::function<void()> on_join)
    : by_(std::move(by)), on_join_(std::move(on_join)) {
  how_.name = name;
  how_.categories = with.categories;
  how_.in_flight_max = with.in_flight_max;
  how_.open_max = with.open_max;
  how_.ack_time_out_ms = std::chrono::duration_cast<std::chrono::milliseconds>(with.ack_time_out).count();
  how_.attempts = with.failure.attempts;
  how_.first_pause_ms = with.failure.first_pause.count();
  how_.then = static_cast<std::uint8_t>(with.failure.then);
  how_.parked_max = with.parked_max;
}

template <class Asked>
std::shared_ptr<detail::waiter> far_member::ask(call what, const Asked& asked) const {
  const auto by = by_.lock();
  return by ? by->ask(what, asked, patience) : detail::answered_with(error{errc::closed, "the client is gone"});
}

detail::membership::wanted far_member::next(std::size_t max, std::chrono::milliseconds time_out) {
  wanted asked{detail::make_waiter(), std::make_shared<std::vector<delivered>>()};
  ask_next(asked, max, time_out, true);
  return asked;
}

void far_member::ask_next(const wanted& asked, std::size_t max, std::chrono::milliseconds time_out, bool may_join) {
  ask(call::next, net::next_call{member_, max, time_out.count()})
      ->on_answer([self = shared_from_this(), asked, max, time_out, may_join](detail::outcome given) {
        const bool is_gone = !given && (given.error().code == errc::not_found || given.error().code == errc::unknown);
        if (is_gone && may_join) return self->join(asked, max, time_out);
        if (!given) return asked.answered->complete(std::move(given));
        const std::shared_ptr<char[]> bytes{new char[given->bytes.size() + 1]};
        given->bytes.copy(bytes.get(), given->bytes.size());
        const auto ok = net::read_batch({bytes.get(), given->bytes.size()}, [&](const record_view& record, std::uint32_t attempt) {
          asked.batch->push_back({record, attempt, bytes});
          return true;
        });
        asked.answered->complete(ok ? detail::outcome{detail::answered{}} : ok.error());
      });
}

void far_member::join(const wanted& asked, std::size_t max, std::chrono::milliseconds time_out) {
  ask(call::subscribe, how_)->on_answer([self = shared_from_this(), asked, max, time_out](detail::outcome given) {
    if (!given) return asked.answered->complete(std::move(given));
    self->member_ = decoded<net::member_call>(given->bytes).value().member;
    self->on_join_();
    self->ask_next(asked, max, time_out, false);
  });
}

std::shared_ptr<detail::waiter> far_member::ack(std::vector<position> all, std::uint64_t) {
  return ask(call::ack, net::ack_call{member_, std::move(all)});
}

std::shared_ptr<detail::waiter> far_member::nack(position at, std::string why, std::uint64_t) {
  return ask(call::nack, net::nack_call{member_, at, std::move(why)});
}

std::shared_ptr<detail::waiter> far_member::resolve(position at, bool is_retry) {
  return ask(call::resolve, net::resolve_call{member_, at, is_retry});
}

void far_member::leave() { (void)ask(call::leave, net::member_call{member_}); }
