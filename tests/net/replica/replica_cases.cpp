// Replicas: an exact copy that follows, answers reads, and can be promoted.
#include "net/remote/near_and_far.hpp"

#include <annals/replica.hpp>
#include <annals/store_view.hpp>

#include <fstream>
#include <iterator>
#include <limits>

using namespace std::chrono_literals;
using annals::errc;
using world::add;
using world::counter;

namespace {

struct near_far_and_copy : near_and_far {
  std::optional<annals::remote> far;
  std::optional<annals::replica> copy;

  near_far_and_copy() {
    write_peers("append = [\"*\"]\nread = [\"*\"]\nask = [\"*\"]\nreplay = [\"*\"]\noperate = [\"*\"]\nadmin = [\"*\"]\n");
    door->reload().value();
    far.emplace(connect());
  }
  std::filesystem::path place_of_copy() const { return place.path / "copy"; }
  annals::result<void> open_copy() {
    auto made = annals::replica::open(place_of_copy(), *far, quiet());
    if (!made) return std::move(made).error();
    copy.emplace(std::move(*made));
    copy->host<counter>().value();
    copy->project<world::sums>().value();
    return copy->start();
  }
  void add_some(int count, std::string key = "a") {
    for (int i = 0; i < count; ++i) rt->send<counter>(key, add{1}).get().value();
  }
  /// Stops the runtime, puts other files in its place, and starts it at the same address.
  template <class Change>
  void with_source_stopped(Change&& change) {
    const auto at = address();
    door.reset();
    rt.reset();
    change();
    open();
    wait_until([&] { return listen(at).has_value(); });
  }
};

std::vector<std::uint64_t> checksums_in(const annals::node& of) {
  std::vector<std::uint64_t> all;
  of.log(1, 1'000'000, [&](const annals::record_view& r) { return all.push_back(r.checksum), true; }).value();
  return all;
}

/// Changes a bit wherever the file has this text.
void flip_where(const std::filesystem::path& path, const std::string& text) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  std::string all{std::istreambuf_iterator<char>{file}, {}};
  std::size_t flipped = 0;
  for (auto at = all.find(text); at != all.npos; at = all.find(text, at + 1), ++flipped) {
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(all[at] ^ 1));
  }
  BOOST_REQUIRE(flipped > 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(replicas)

BOOST_AUTO_TEST_CASE(a_replica_has_the_same_records_and_answers_reads) {
  near_far_and_copy w;
  w.add_some(50);
  w.open_copy().value();
  w.copy->wait_for(50, 30s).value();
  w.add_some(30, "b");
  const auto done = w.copy->send<counter>("b", add{5}).get().value();  // by the source
  BOOST_TEST(w.copy->ask<world::sums>(world::sum_of{"b"}, annals::at_least{done.token, 30s}).get().value() == 35);
  BOOST_TEST(checksums_in(*w.copy) == checksums_in(*w.rt), boost::test_tools::per_element());
  BOOST_TEST((w.copy->head().value() == w.rt->head()));
  BOOST_TEST(w.copy->state_of<counter>("a").value().state.sum == 50);
  BOOST_TEST(w.copy->state_of<counter>("a", {.version = 10}).value().state.sum == 10);
  BOOST_TEST(w.copy->history<counter>("b").value().size() == 31u);
  std::int64_t sum = 0;
  w.copy->read<world::sums>([&](const auto& model, auto) { sum = model.by_key.at("a"); }).value();
  BOOST_TEST(sum == 50);
  BOOST_TEST(w.copy->model_at<world::sums>(20).value().model.by_key.at("a") == 20);
  BOOST_TEST(w.copy->view().position_at(std::numeric_limits<timestamp>::max()).value() == w.copy->head().value().at);
  BOOST_TEST(w.copy->view().state_of<world::counter>("a", {.position = 20}).value().state.sum == 20);
  BOOST_TEST(w.copy->health().value().well());
  const auto lag = w.copy->lag();
  BOOST_TEST(lag.at == 81u);
  BOOST_TEST(lag.events == 0u);
  BOOST_TEST(lag.behind.count() == 0);
  BOOST_TEST(!lag.stopped.has_value());
}

BOOST_AUTO_TEST_CASE(a_member_of_a_replica_keeps_its_place_in_memory) {
  near_far_and_copy w;
  w.add_some(5);
  w.open_copy().value();
  auto mails = w.copy->subscribe("mails", {.from = 3, .categories = {"counter"}}).value();
  const auto first = mails.next(2, 30s).value();
  BOOST_REQUIRE(!first.empty());
  BOOST_TEST(first[0].record.at == 3u);
  BOOST_TEST(std::get<world::added>(first[0].event<counter>().value()).amount == 1);
  BOOST_TEST((mails.ack(3).get().error().code == errc::not_owner));
  w.add_some(1);
  annals::position last = 0;
  while (last < 6)
    for (const auto& one : mails.next(10, 30s).value()) last = one.record.at;
  BOOST_TEST(mails.next(10, 1ms).value().empty());
  BOOST_TEST((mails.nack(6, "no").get().error().code == errc::not_owner));
  BOOST_TEST((mails.next(10, 1ms).error().code == errc::subscription_stopped));
  mails.leave();
  BOOST_TEST((mails.next(10, 1ms).error().code == errc::closed));
}

BOOST_AUTO_TEST_CASE(what_belongs_to_the_owner_is_refused) {
  near_far_and_copy w;
  w.add_some(1);
  w.open_copy().value();
  w.write_peers("append = [\"*\"]\n");
  w.door->reload().value();
  auto other = w.connect();
  const auto refused = annals::replica::open(w.place.path / "another", other);
  BOOST_TEST((refused.error().code == errc::forbidden));
}

BOOST_AUTO_TEST_CASE(case_139_a_replica_goes_on_where_it_was) {
  near_far_and_copy w;
  for (int life = 0; life < 5; ++life) {
    w.add_some(200);
    w.open_copy().value();
    if (life % 2 == 0) w.copy->wait_for(w.rt->head().at, 30s).value();
    w.copy.reset();  // in the midst of a pull
  }
  w.open_copy().value();
  w.copy->wait_for(1'000, 30s).value();
  BOOST_TEST(checksums_in(*w.copy) == checksums_in(*w.rt), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_replica_is_opened_without_its_source_and_follows_later) {
  near_far_and_copy w;
  w.add_some(10);
  w.open_copy().value();
  w.copy->wait_for(10, 30s).value();
  w.copy.reset();
  w.add_some(10);
  const auto at = w.address();
  w.door.reset();
  auto with = w.calling();
  with.time_out = 200ms;
  w.far.emplace(annals::remote::connect({at}, with).value());
  w.open_copy().value();
  BOOST_TEST(w.copy->state_of<counter>("a").value().state.sum == 10);
  wait_until([&] { return w.copy->lag().waiting.has_value(); });
  w.listen(at).value();
  w.copy->wait_for(20, 30s).value();
  BOOST_TEST(!w.copy->lag().waiting.has_value());
}

BOOST_AUTO_TEST_CASE(case_140_a_source_that_was_restored_from_a_backup_is_noticed) {
  near_far_and_copy w;
  w.add_some(10);
  w.rt->backup(w.place.path / "backup").value();
  w.add_some(10);
  w.open_copy().value();
  w.copy->wait_for(20, 30s).value();
  w.with_source_stopped([&] {
    std::filesystem::remove_all(w.place.path / "store");
    std::filesystem::rename(w.place.path / "backup", w.place.path / "store");
  });
  w.add_some(15);
  wait_until([&] { return w.copy->lag().stopped.has_value(); });
  BOOST_TEST((w.copy->lag().stopped->code == errc::history_differs), w.copy->lag().stopped->message());
  BOOST_TEST(w.copy->head()->at == 20u);  // answers from what it has
  w.copy.reset();
  w.far.emplace(w.connect());
  BOOST_TEST((w.open_copy().error().code == errc::history_differs));
}

BOOST_AUTO_TEST_CASE(case_141_a_source_that_was_set_back_by_a_copy_of_its_files_is_noticed) {
  near_far_and_copy w;
  w.add_some(10);
  w.with_source_stopped([&] { std::filesystem::copy(w.place.path / "store", w.place.path / "earlier", std::filesystem::copy_options::recursive); });
  w.add_some(10);
  w.open_copy().value();
  w.copy->wait_for(20, 30s).value();
  w.with_source_stopped([&] {
    std::filesystem::remove_all(w.place.path / "store");
    std::filesystem::rename(w.place.path / "earlier", w.place.path / "store");
  });
  w.add_some(30, "b");  // the same history, other records
  wait_until([&] { return w.copy->lag().stopped.has_value(); });
  BOOST_TEST((w.copy->lag().stopped->code == errc::history_differs));
  BOOST_TEST(w.copy->head()->at == 20u);
}

BOOST_AUTO_TEST_CASE(case_143_a_bit_that_flips_in_the_store_of_a_replica_is_named_and_not_served) {
  near_far_and_copy w;
  w.rt->send<counter>("a", world::note{"a text to look for"}).get().value();
  w.add_some(50);
  w.open_copy().value();
  w.copy->wait_for(51, 30s).value();
  w.copy.reset();
  flip_where(w.place_of_copy() / "log" / "data.mdb", "a text to look for");
  w.open_copy().value();
  w.add_some(10);
  w.copy->wait_for(61, 30s).value();  // what follows is copied
  const auto read = w.copy->history<counter>("a");
  BOOST_REQUIRE(!read);
  BOOST_TEST((read.error().code == errc::corrupt_record), read.error().message());
  BOOST_TEST(read.error().place == 1u);
}

BOOST_AUTO_TEST_CASE(case_144_a_promoted_replica_begins_a_history_and_its_source_goes_on) {
  near_far_and_copy w;
  w.add_some(10);
  w.open_copy().value();
  w.copy->wait_for(10, 30s).value();
  w.copy.reset();
  const auto begun = annals::promote(w.place_of_copy()).value();
  BOOST_TEST(begun.head.at == 10u);
  BOOST_TEST(begun.former == w.rt->head().history);
  BOOST_TEST((begun.head.history != w.rt->head().history));
  BOOST_TEST((annals::promote(w.place_of_copy()).error().code == errc::misuse));
  BOOST_TEST((annals::promote(w.place.path / "store").error().code == errc::misuse));
  BOOST_TEST((w.open_copy().error().code == errc::misuse));  // it is a store of its own now
  w.add_some(5);
  auto other = annals::runtime::open(w.place_of_copy(), near_and_far::quiet()).value();
  other.host<counter>().value();
  other.project<world::sums>().value();
  other.start().value();
  BOOST_TEST(other.send<counter>("a", add{100}).get().value().at == 11u);
  // Case 142: a token of the source is good up to the fork.
  BOOST_TEST(other.ask<world::sums>(world::sum_of{"a"}, annals::at_least{{begun.former, 10}, 30s}).get().has_value());
  BOOST_TEST((other.ask<world::sums>(world::sum_of{"a"}, annals::at_least{{begun.former, 11}, 30s}).get().error().code == errc::history_differs));
}

BOOST_AUTO_TEST_CASE(case_142_a_token_of_another_history_is_refused_by_a_replica) {
  near_far_and_copy w;
  w.add_some(3);
  w.open_copy().value();
  const annals::token other{w.rt->head().history + 1, 2};
  BOOST_TEST((w.copy->ask<world::sums>(world::sum_of{"a"}, annals::at_least{other, 1s}).get().error().code == errc::history_differs));
}

BOOST_AUTO_TEST_CASE(case_145_a_promoted_replica_keeps_acknowledgements) {
  near_far_and_copy w;
  w.add_some(10);
  {
    auto mails = w.rt->subscribe("mails").value();
    const auto batch = mails.next(10, 30s).value();
    for (int i = 0; i < 4; ++i) mails.ack(batch[static_cast<std::size_t>(i)].record.at).get().value();
  }
  w.open_copy().value();
  w.copy->wait_for(10, 30s).value();
  {
    auto mails = w.rt->subscribe("mails").value();
    const auto batch = mails.next(10, 30s).value();
    BOOST_REQUIRE(batch.size() == 6u);
    mails.ack(batch[0].record.at).get().value();  // while the replica follows
  }
  w.add_some(1);
  w.copy->wait_for(11, 30s).value();
  // The acknowledgement was durable before position 11 was written, so it has come by the next answer.
  w.add_some(1);
  w.copy->wait_for(12, 30s).value();
  w.copy.reset();
  annals::promote(w.place_of_copy()).value();
  auto other = annals::runtime::open(w.place_of_copy(), near_and_far::quiet()).value();
  other.host<counter>().value();
  other.start().value();
  auto mails = other.subscribe("mails").value();
  const auto rest = mails.next(20, 30s).value();
  BOOST_REQUIRE(!rest.empty());
  BOOST_TEST(rest[0].record.at == 6u);
}

BOOST_AUTO_TEST_CASE(case_146_a_replica_opened_as_a_store_begins_a_history_and_starts_warm) {
  near_far_and_copy w;
  w.add_some(300);
  w.open_copy().value();
  w.copy->wait_for(300, 30s).value();
  w.copy->close();  // writes its index
  w.copy.reset();
  std::string lines;
  std::mutex mutex;
  annals::options with;
  with.log_sink = [&](annals::log_level, std::string_view line) {
    const std::lock_guard lock{mutex};
    lines.append(line).append("\n");
  };
  auto other = annals::runtime::open(w.place_of_copy(), with).value();
  BOOST_TEST((other.head().history != w.rt->head().history));
  const std::lock_guard lock{mutex};
  BOOST_TEST(lines.find("dropped and rebuilt") == std::string::npos, lines);
  BOOST_TEST(std::filesystem::exists(w.place_of_copy() / "derived"));
}

BOOST_AUTO_TEST_CASE(a_store_of_its_own_is_no_place_for_a_replica) {
  near_far_and_copy w;
  w.add_some(1);
  {
    auto other = annals::runtime::open(w.place_of_copy(), near_and_far::quiet()).value();
  }
  const auto refused = w.open_copy();
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == errc::misuse));
  BOOST_TEST(refused.error().message().find("takes commands") != std::string::npos, refused.error().message());
}

BOOST_AUTO_TEST_SUITE_END()
