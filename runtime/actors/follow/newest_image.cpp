// An image has the checksum of the record at its position. It is used only if the log has the same record there.
#include "actors/follow/newest_image.hpp"

#include <spdlog/logger.h>

namespace annals::actors {
namespace {

result<void> check(const environment& env, std::uint64_t shape, const store::image& one) {
  if (one.shape != shape) return error{errc::undecodable, "the image has another version or shape"};
  if (checksum_at(env, one.mark.at) != one.mark.checksum) return error{errc::corrupt_record, "the log has another record at that position"};
  return {};
}

}  // namespace

std::optional<std::uint64_t> checksum_at(const environment& env, position at) {
  std::optional<std::uint64_t> found;
  if (at == 0 || at > env.log->readable()) return found;
  const position one[] = {at};
  (void)env.log->read_at(one, [&](const record_view& record) {
    found = record.checksum;
    return true;
  });
  return found;
}

std::optional<store::image> newest_image(const environment& env, const std::string& name, std::uint64_t shape, position at_most,
                                         const std::function<result<void>(const store::image&)>& accept) {
  for (auto newest = at_most; newest > 0;) {
    auto found = env.images->newest(name, shape, newest);
    if (found && !*found) {
      if (at_most == newest) env.logger->debug("there is no image of {}", name);
      break;
    }
    const bool damaged = !found && found.error().code == errc::corrupt_record;
    if (!found && !damaged) {
      env.logger->error("images of {}: {}", name, found.error().message());
      break;
    }
    auto ok = damaged ? result<void>{found.error()} : check(env, shape, **found);
    if (ok) ok = accept(**found);
    if (ok) return std::move(*found);
    const auto at = damaged ? found.error().place : (*found)->mark.at;
    env.logger->warn("the image of {} at position {} is ignored: {}", name, at, ok.error().message());
    if (at == 0) break;
    newest = at - 1;
  }
  return std::nullopt;
}

result<void> write_image(const environment& env, store::image made, const std::function<bool()>& may_go_on) {
  const auto checksum = checksum_at(env, made.mark.at);
  if (!checksum) return error{errc::corrupt_record, "no record at the image's position", made.model, 0, made.mark.at};
  made.mark.checksum = *checksum;
  return env.images->write(made, may_go_on);
}

}  // namespace annals::actors
