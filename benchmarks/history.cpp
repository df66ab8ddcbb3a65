#include "benchmarks/history.hpp"

#include "benchmarks/must.hpp"
#include "benchmarks/which_account.hpp"
#include "store/log/record.hpp"
#include "store/open_store.hpp"

#include <annals/codec.hpp>

#include <algorithm>

namespace bench {
namespace {

namespace store = annals::store;

constexpr std::size_t batch_records = 8'192;
constexpr annals::timestamp first_time = 1'700'000'000'000'000;

/// Collects records for one commit.
class batch {
public:
  explicit batch(store::log& to) : to_(&to) {}

  void add(const history::event& e) {
    const auto at = to_->durable() + begins_.size() + 1;
    payload_.clear();
    annals::encoder out{payload_};
    if (e.cents == 0)
      annals::encode(out, bank::account_opened{std::string{owner_of_all}});
    else
      annals::encode(out, bank::money_deposited{e.cents, {}});
    const auto id = "d-" + std::to_string(at);
    annals::record_view r;
    r.stream = e.stream;
    r.version = e.version;
    r.type = e.cents == 0 ? bank::account_opened::about.name : bank::money_deposited::about.name;
    r.command_id = id;
    r.fingerprint = at;
    r.payload = payload_;
    begins_.push_back(bytes_.size());
    store::append_record(bytes_, r);
    store::seal_record(bytes_.data() + begins_.back(), bytes_.size() - begins_.back(), at, first_time + static_cast<annals::timestamp>(at));
    if (begins_.size() == batch_records) write();
  }

  void write() {
    if (begins_.empty()) return;
    std::vector<std::string_view> records;
    begins_.push_back(bytes_.size());
    for (std::size_t i = 0; i + 1 < begins_.size(); ++i) records.push_back(std::string_view{bytes_}.substr(begins_[i], begins_[i + 1] - begins_[i]));
    expect(to_->commit(to_->durable() + 1, records));
    while (to_->readable() < to_->durable()) expect(to_->drain());
    bytes_.clear();
    begins_.clear();
  }

private:
  static void expect(const store::commit_outcome& done) {
    if (done.status != store::commit_status::committed) fail("writing a history: " + done.detail);
  }

  store::log* to_;
  std::string bytes_, payload_;
  std::vector<std::size_t> begins_;
};

}  // namespace

history::history(const history_options& with)
    : with_(with), long_every_(with.long_streams ? with.events / (with.long_streams * with.long_events) : 0) {
  if (with.long_streams > 0 && (long_every_ < 2 || with.streams <= with.long_streams)) fail("the log is too short for its long streams");
  for (std::uint64_t i = 0; i < with.streams; ++i) names_.push_back("account-" + (i < with.long_streams ? long_key(i) : std::to_string(i)));
  versions_.resize(names_.size());
  opened_ = with.long_streams;
}

history::event history::of(std::size_t account) {
  const auto version = ++versions_[account];
  return {names_[account], version, version == 1 ? 0 : static_cast<std::int64_t>(1 + made_ % 1'000)};
}

bool history::next(event& out) {
  if (made_ >= with_.events) return false;
  ++made_;
  if (long_every_ > 0 && made_ % long_every_ == 0 && long_made_ < with_.long_streams * with_.long_events)
    out = of(long_made_++ % with_.long_streams);
  else if (opened_ < names_.size())
    out = of(opened_++);
  else
    out = of(with_.long_streams + which_account(made_, with_.seed, names_.size() - with_.long_streams));
  return true;
}

void write_history(const std::filesystem::path& path, const history_options& with) {
  const auto opened = must(store::open_store(path, {}));
  batch waiting{*opened->log};
  history all{with};
  for (history::event e; all.next(e);) waiting.add(e);
  waiting.write();
}

std::int64_t total_cents(const history_options& with) {
  std::int64_t total = 0;
  history all{with};
  for (history::event e; all.next(e);) total += e.cents;
  return total;
}

}  // namespace bench
