// The open inputs of a process manager, written now and then, so that a start reads only the log after them. These images are like
// those of read models; store/derived/open_inputs.hpp has their bytes.
#include "actors/follow/newest_image.hpp"
#include "actors/follow/record_time.hpp"
#include "actors/processes/process_manager.hpp"
#include "store/derived/open_inputs.hpp"

#include <annals/codec.hpp>

#include <spdlog/logger.h>

#include <algorithm>

namespace annals::actors {
namespace {

using store::open_inputs;

/// Takes these records as if they had just been read.
template <class Take>
result<void> take_in(const environment& env, const std::vector<position>& these, Take&& take) {
  result<void> done;
  auto read = env.log->read_at(these, [&](const record_view& record) {
    done = take(record);
    return done.has_value();
  });
  return read ? done : read;
}

}  // namespace

void save_open_inputs(process_manager_ptr self, position least) {
  auto& s = self->state;
  if (!s.env->images || s.env->options.image_every_records == 0 || s.cell->stopped) return;
  const auto readable = s.env->log->readable();
  if (s.image && s.image->made.mark.at <= readable) self->send(s.ports->image_maker, *std::exchange(s.image, std::nullopt));
  if (s.image || s.cell->at < s.image_at + least) return;
  s.image_at = s.cell->at;
  open_inputs open{s.inbound->open(), s.outbox->open()};
  const auto timers = s.timers->open();
  open.own.insert(open.own.end(), timers.begin(), timers.end());
  std::sort(open.own.begin(), open.own.end());
  // Parked events that were taken over may be at later positions.
  std::erase_if(open.observations, [&](position at) { return at > s.cell->at; });
  s.image = store_image{{s.cell->owner.stored(), {s.cell->at, 0}, open_inputs::shape, {}, encoded(open)}, s.cell};
  if (s.image_at <= readable) self->send(s.ports->image_maker, *std::exchange(s.image, std::nullopt));
}

void begin_with_image(process_manager_ptr self) {
  auto& s = self->state;
  s.now = process_manager_state::phase::catching_up;
  if (!s.env->images) return;
  open_inputs open;
  const auto image = newest_image(*s.env, s.cell->owner.stored(), open_inputs::shape, s.start_head, [&](const store::image& one) -> result<void> {
    auto read = decoded<open_inputs>(one.bytes);
    if (!read) return std::move(read).error();
    open = std::move(*read);
    return {};
  });
  if (!image) return;
  auto ok = take_in(*s.env, open.own, [&](const record_view& record) { return follow_streams(self, record); });
  if (ok)
    ok = take_in(*s.env, open.observations,
                 [&](const record_view& record) { return record.at > s.observed ? s.inbound->follow_again(record, s.env->now()) : result<void>{}; });
  if (!ok) return stop(self, ok.error());
  s.image_at = image->mark.at;
  s.reached_time = time_at(*s.env, s.image_at);
  s.cell->image.position.set(s.image_at);
  s.cell->meters.begun.set(s.image_at);
  s.env->logger->info("process manager {}: follows the log after position {}, from an image", s.cell->name, s.image_at);
  if (image->mark.at >= s.start_head) go_live(self);  // before anybody sees that nothing is under way
  show(self, image->mark.at);
}

}  // namespace annals::actors
