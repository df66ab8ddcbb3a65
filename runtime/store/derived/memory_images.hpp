// Images in memory, for simulation and for tests of failures.
#pragma once

#include "store/derived/images.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

namespace annals::store {

/// What survives a crash. Outlives the images opened on it.
struct memory_image_disk {
  std::map<std::string, image, std::less<>> by_model;  // the newest of each model
};

class memory_images final : public images {
public:
  explicit memory_images(std::shared_ptr<memory_image_disk> disk) : disk_(std::move(disk)) {}

  result<void> write(const image& one, const std::function<bool()>& may_go_on) override;
  result<std::optional<image>> newest(std::string_view model, std::uint64_t shape, position newest) const override;
  std::vector<image_head> heads() const override;
  result<checked_images> check() const override { return checked_images{heads(), 0}; }
  result<void> drop(std::string_view model) override;

  std::atomic<bool> failing{false};  ///< nothing can be written or removed from now on, as after a crash

private:
  mutable std::mutex mutex_;
  std::shared_ptr<memory_image_disk> disk_;
};

}  // namespace annals::store
