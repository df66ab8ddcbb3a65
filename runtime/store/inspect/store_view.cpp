// A store seen from outside the runtime: read only, also while its writer runs.
#include <annals/store_view.hpp>

#include "store/inspect/verify.hpp"
#include "store/look/store_source.hpp"
#include "store/open_store.hpp"
#include "store/read/replay.hpp"
#include "store/statistics.hpp"

#include <utility>

namespace annals {

struct store_view::inside {
  inside(std::shared_ptr<store::opened> opened, hosted_types types)
      : store(std::move(opened)),
        source(store, {store->log.get(), store->derived.get(), store->images.get()}, std::make_shared<const hosted_types>(std::move(types)),
               [of = store.get()](figures which) { return store::statistics_of(*of, which); }) {}

  std::shared_ptr<store::opened> store;
  store::store_source source;
  store::home_process home;
};

store_view::store_view(std::shared_ptr<inside> in) : view(std::shared_ptr<const detail::view_source>{in, &in->source}), in_(std::move(in)) {}
store_view::store_view(store_view&&) noexcept = default;
store_view& store_view::operator=(store_view&&) noexcept = default;
store_view::~store_view() = default;

result<store_view> store_view::open(const std::filesystem::path& directory, hosted_types types) {
  store::open_options with;
  with.create = false;
  with.read_only = true;
  auto opened = store::open_store(directory, with);
  if (!opened) return std::move(opened).error();
  const auto end = [](inside* one) {
    if (one->home.is_this_one()) delete one;  // in a forked child it is left alone: it belongs to the parent
  };
  return store_view{std::shared_ptr<inside>{new inside{std::move(*opened), std::move(types)}, end}};
}

const std::string& store_view::store_id() const {
  static const auto* none = new std::string;
  return gone() ? *none : in_->store->log->identity().store_id;
}

token store_view::head() const {
  const auto now = view::head();
  return now ? *now : token{};
}

result<verified> store_view::verify() const {
  if (auto why = gone()) return std::move(*why);
  auto seen = store::verify(*in_->store->log, in_->store->derived.get(), in_->store->images.get());
  if (seen && !in_->store->derived) {
    seen->why_no_derived = in_->store->why_no_derived;
    seen->derived_damaged = in_->store->derived_is_damaged;
  }
  return seen;
}

result<replayed> store_view::verify_replay(const hosted_types& types) const {
  if (auto why = gone()) return std::move(*why);
  return store::replay_all(*in_->store->log, in_->store->derived.get(), in_->store->derived.get(),
                           [&](std::string_view category) { return detail::tables_of::aggregate(types, category); });
}

result<void> store_view::backup(const std::filesystem::path& target) const {
  if (auto why = gone()) return std::move(*why);
  return in_->store->log->backup(target);
}

}  // namespace annals
