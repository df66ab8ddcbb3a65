// A store from outside: read only, also beside its writer.
#include <annals/store_view.hpp>

#include "store/open_store.hpp"
#include "store/scan.hpp"

namespace annals {

struct store_view::inside {
  std::unique_ptr<store::opened> store;
};

store_view::store_view(std::unique_ptr<inside> in) : in_(std::move(in)) {}
store_view::store_view(store_view&&) noexcept = default;
store_view& store_view::operator=(store_view&&) noexcept = default;
store_view::~store_view() = default;

result<store_view> store_view::open(const std::filesystem::path& directory) {
  store::open_options with;
  with.create = false;
  with.read_only = true;
  auto opened = store::open_store(directory, with);
  if (!opened) return std::move(opened).error();
  return store_view{std::make_unique<inside>(inside{std::move(*opened)})};
}

const std::string& store_view::store_id() const { return in_->store->log->who().store_id; }
token store_view::head() const { return {in_->store->log->who().history, in_->store->log->readable()}; }

result<void> store_view::log(position from, const std::function<bool(const record_view&)>& visit) const {
  return store::scan(*in_->store->log, from, visit);
}

result<void> store_view::streams(std::string_view prefix,
                                 const std::function<bool(std::string_view, version)>& visit) const {
  return store::scan_streams(*in_->store->log, in_->store->index.get(), prefix, visit);
}

result<void> store_view::stream(const std::string& id, version from,
                                const std::function<bool(const record_view&)>& visit) const {
  bool found = false;
  auto ok = store::scan_stream(*in_->store->log, in_->store->index.get(), id, from, [&](const record_view& record) {
    found = true;
    return visit(record);
  });
  if (ok && !found) return error{errc::not_found, "no such stream", id};
  return ok;
}

result<verified> store_view::verify() const { return store::verify(*in_->store->log); }

result<void> store_view::backup(const std::filesystem::path& target) const { return in_->store->log->backup(target); }

}  // namespace annals
