#include "store/derived/memory_images.hpp"

namespace annals::store {

result<void> memory_images::write(const image& one, const std::function<bool()>& may_go_on) {
  if (!may_go_on()) return {};
  const std::lock_guard lock{mutex_};
  if (failing) return error{errc::store_failed, "simulated: images cannot be written"};
  disk_->by_model[one.model] = one;
  return {};
}

result<std::optional<image>> memory_images::newest(std::string_view model, std::uint64_t shape, position newest) const {
  const std::lock_guard lock{mutex_};
  const auto found = disk_->by_model.find(model);
  if (found == disk_->by_model.end() || found->second.mark.at > newest) return std::optional<image>{};
  auto one = found->second;
  if (one.shape != shape) one.bytes.clear();
  return std::optional{std::move(one)};
}

result<void> memory_images::drop(std::string_view model) {
  const std::lock_guard lock{mutex_};
  if (failing) return error{errc::store_failed, "simulated: images cannot be removed"};
  if (const auto found = disk_->by_model.find(model); found != disk_->by_model.end()) disk_->by_model.erase(found);
  return {};
}

std::vector<image_head> memory_images::heads() const {
  const std::lock_guard lock{mutex_};
  std::vector<image_head> all;
  for (const auto& [model, one] : disk_->by_model) all.push_back({model, one.mark, one.bytes.size()});
  return all;
}

}  // namespace annals::store
