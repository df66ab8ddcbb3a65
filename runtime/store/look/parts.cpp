#include "store/look/parts.hpp"

namespace annals::store {
namespace {

/// Whether the log has the record that the image was made after.
result<bool> agrees(const log& source, const derived_mark& mark) {
  bool same = false;
  if (mark.at == 0 || mark.at > source.readable()) return same;
  const position one[] = {mark.at};
  auto ok = source.read_at(one, [&](const record_view& record) { return same = record.checksum == mark.checksum; });
  if (!ok) return std::move(ok).error();
  return same;
}

}  // namespace

result<std::optional<derived_mark>> begin_with_image(const looked_at& in, std::string_view model, std::uint64_t shape, position at_most,
                                                     const std::function<bool(const image&)>& accept) {
  for (auto newest = in.images && shape != 0 ? at_most : 0; newest > 0; --newest) {
    auto found = in.images->newest(model, shape, newest);
    if (!found && found.error().code != errc::corrupt_record) return std::move(found).error();
    if (found && !*found) break;
    if (found && (*found)->shape == shape) {
      const auto same = agrees(*in.log, (*found)->mark);
      if (!same) return same.error();
      if (*same && accept(**found)) return std::optional{(*found)->mark};
    }
    newest = found ? (*found)->mark.at : found.error().place;
    if (newest == 0) break;
  }
  return std::optional<derived_mark>{};
}

}  // namespace annals::store
