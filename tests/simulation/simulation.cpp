#include "simulation.hpp"

#include "doubtful.hpp"
#include "figures.hpp"
#include "store/log/record.hpp"

#include <projections/balances.hpp>
#include <projections/order_board.hpp>

#include <algorithm>

using namespace annals;

namespace {

constexpr std::size_t commands = 60;
constexpr std::size_t lives_max = 6;

}  // namespace

simulation::simulation(std::uint64_t seed)

    : random_(seed),
      disk_(random_.number()),
      far_(random_),
      replica_(random_, far_, *disk_.log),
      callers_(random_, commands),
      senders_(random_, far_.clients()),
      subscribers_(random_),
      deciders_(random_) {
  in_doubt = {.salt = random_.number()};
}

/// Small bounds, so that they are met.
options simulation::options_for(random_source& random) {
  options with;
  with.shards = 1 + random.below(4);
  with.commands_in_flight_max = random.one_in(4) ? 6 : 1'000;
  with.aggregates_resident_max = random.one_in(2) ? 4 : 1'000;
  with.aggregate_idle_max = std::chrono::milliseconds{random.between(10, 5'000)};
  with.batch_records_max = random.one_in(2) ? 4 : 1'000;
  with.snapshot_every = random.between(0, 20);
  with.snapshots_kept = random.between(1, 3);
  with.image_every_records = random.between(0, 150);
  with.index_flush_records = static_cast<std::size_t>(random.between(1, 200));
  with.projection_batch_records = static_cast<std::size_t>(random.between(1, 50));
  with.trace_ratio = random.one_in(3) ? 0.3 : 0;
  with.log_sink = [](log_level, std::string_view) {};
  return with;
}

void simulation::note(std::uint64_t what) { report_.fingerprint = (report_.fingerprint ^ what) * 0x100000001b3u; }

void simulation::begin_life() {
  report_.images += disk_.images->by_model.size();
  deciders_.begin_life(*disk_.log);
  life_.emplace(disk_, random_, options_for(random_));
  far_.begin_life(*life_);
  callers_.begin_life();
  ++report_.lives;
}

/// As a host does that wants to end: what was taken is answered, nothing new is taken.
void simulation::close_in_good_order() {
  far_.refuse();
  for (std::size_t steps = random_.below(2'000); steps > 0 && !far_.is_quiet(); --steps) go_on(std::chrono::milliseconds{1});
}

/// When nothing is in flight.
void simulation::check_figures() {
  check_log(life_->engine(), disk_.log->records, life_->begun_after());
  check_followers(life_->engine());
  check_commands(life_->engine(), callers_.sent_here() + far_.commands_taken() + life_->answers_to_processes());
}

void simulation::end_life() {
  far_.lose_server();
  callers_.listen(*life_);
  callers_.lose_all();
  subscribers_.lose_all();
  deciders_.listen();
  deciders_.lose_all();
  life_->close();
  check_spans();
  check_figures();
  report_.answers_to_processes += life_->answers_to_processes();
  far_.end_life();
  promise(life_->index().contradictions == 0, "what the stream index has does not fit to the log");
  life_.reset();
  ++in_doubt.life;
}

/// No span outlives its runtime without an end, and they come again with the seed.
void simulation::check_spans() {
  for (const auto& one : life_->engine().spans()->take(~std::size_t{0} >> 1)) {
    promise(one.id.is_set() && one.id.sampled && one.end >= one.begin, "the span " + one.name + " is none");
    promise(one.kind == span_kind::consumer || !one.link.is_set() || one.name == "commit" || one.parent == std::array<std::uint8_t, 8>{},
            "the span " + one.name + " has a link and a parent");
    for (const auto byte : one.id.span_id) note(byte);
    for (const auto byte : one.id.trace_id) note(byte);
    note(one.version);
    note(one.at);
    ++report_.spans;
  }
}

void simulation::live_again() {
  end_life();
  follow_log();
  if (random_.one_in(4)) {  // somebody deletes derived/
    disk_.index = std::make_shared<store::memory_derived_disk>();
    disk_.images = std::make_shared<store::memory_image_disk>();
  }
  begin_life();
}

void simulation::follow_log() {
  const auto& records = disk_.log->records;
  for (; followed_ < records.size(); ++followed_) {
    const auto record = store::read_record(followed_ + 1, records[followed_]);
    promise(record.has_value(), "a record does not read");
    truth_.follow(*record);
  }
}

/// Each model is what the log says up to where the model is.
void simulation::check_models() {
  const auto truth_at = [&](position at) {
    truth past;
    for (position p = 1; p <= at; ++p) past.follow(*store::read_record(p, disk_.log->records[p - 1]));
    return past;
  };
  auto& engine = life_->engine();
  const auto look = [&](const char* name, const std::function<void(const void*, position)>& at_model) {
    const auto looked = engine.read_model(name, at_model);
    promise(looked || looked.error().code == errc::not_ready, "a model cannot be read");
  };
  const auto same = engine.verify_replay();
  promise(same.has_value(), same ? "" : same.error().message());
  if (same) report_.snapshots += same->snapshots;
  look("balances", [&](const void* model, position at) {
    const auto past = truth_at(at);
    std::map<std::string, std::int64_t> cents;
    for (const auto& [key, b] : static_cast<const projections::balances::model*>(model)->accounts) cents[key] = b.cents;
    promise(cents == past.bank.balances, "the balances differ from the log at position " + std::to_string(at));
  });
  look("order_board", [&](const void* model, position at) {
    const auto past = truth_at(at);
    std::map<std::string, std::string> statuses;
    for (const auto& [key, o] : static_cast<const projections::order_board::model*>(model)->orders) statuses[key] = o.status;
    promise(statuses == past.shop.statuses, "the orders differ from the log at position " + std::to_string(at));
  });
  look("stock_levels", [&](const void* model, position at) {
    const auto past = truth_at(at);
    for (const auto& [sku, level] : static_cast<const projections::stock_levels::model*>(model)->by_sku) {
      const auto& there = past.shop.stock.at(sku);
      promise(level.on_hand == there.on_hand && level.reserved == there.reserved && level.shipped == there.shipped,
              "the stock of " + sku + " differs from the log at position " + std::to_string(at));
    }
  });
  check_followers(engine);
  deciders_.check_models(*life_, disk_.log->records);
  replica_.check(*disk_.log);
}

void simulation::a_fault() {
  store::memory_faults faults;
  switch (random_.below(10)) {
    case 0:
      faults.no_space = static_cast<std::size_t>(random_.between(1, 3));
      ++report_.full_disks;
      break;
    case 1:
      faults.fail = true;
      faults.failed_is_durable = random_.one_in(2);
      ++report_.failures;
      break;
    case 2: faults.readable_lags = true; break;
    case 3: life_->log().release(); break;
    case 4: faults.busy = static_cast<std::size_t>(random_.between(1, 3)); break;
    case 5: faults.drain_no_space = static_cast<std::size_t>(random_.between(1, 3)); break;
    case 6: life_->index().failing_flushes = 2; break;
    case 7: life_->images().failing = true; break;
    case 8:
      faults.drain_fails = random_.one_in(4);
      faults.failed_is_durable = random_.one_in(2);
      break;
    default: life_->images().failing = false;  // whatever was wrong is over
  }
  life_->log().set_faults(faults);
}

void simulation::rebuild_a_model() {
  constexpr std::string_view names[] = {"balances", "order_board", "stock_levels", doubts_events::name, doubts_streams::name};
  (void)life_->engine().order(names[random_.below(std::size(names))], actors::rebuild_model{});
  ++report_.rebuilds;
}

void simulation::something_happens() {
  const auto what = random_.below(1'000);
  note(what);
  if (what < 60) return callers_.act(*life_, far_, truth_);
  if (what < 63) return a_fault();
  if (what < 65) return life_->pass_time(std::chrono::milliseconds{random_.between(1, 1'500)});
  if (what < 66) return check_models();
  if (what < 67) return rebuild_a_model();
  if (what < 90) return subscribers_.act(*life_, far_);
  if (what < 95) return deciders_.act(*life_);
  if (what < 105) return senders_.act(far_);
  if (what < 107) return far_.act();
  if (what < 108 && random_.one_in(4)) {
    const auto gone = far_.crash_a_client();
    callers_.lose(gone);
    senders_.lose(gone);
    return subscribers_.lose(gone);
  }
  if (what < 109 && random_.one_in(4)) return replica_.act();
  if (what < 120) return replica_.step();
  if (what < 200) return far_.pass(std::chrono::microseconds{random_.between(1, 500)});
  go_on(std::chrono::microseconds{random_.between(1, 100'000)});
}

void simulation::go_on(std::chrono::microseconds idle) {
  if (life_->run_one()) return;
  life_->pass_time(idle);
  far_.pass(idle);
}

report simulation::run() {
  begin_life();
  // The last life is one without an end by force.
  const auto lives = 1 + random_.below(lives_max);
  for (std::size_t steps = 0; report_.lives < lives && !callers_.all_know(); ++steps) {
    promise(steps < steps_max, "the run does not end");
    something_happens();
    follow_log();
    const bool power_is_lost = random_.one_in(1'500);
    if (!power_is_lost && !random_.one_in(8'000) && !life_->has_stopped()) continue;
    if (!power_is_lost && !life_->has_stopped() && random_.one_in(2)) close_in_good_order();
    if (power_is_lost) {
      far_.lose_server();
      callers_.lose_all();
      deciders_.lose_all();
      life_->crash();
      ++report_.crashes;
    }
    live_again();
  }
  end_well();
  report_.records = disk_.log->records.size();
  report_.commands_sent = callers_.sent();
  report_.acknowledged = subscribers_.acknowledged();
  report_.parked = subscribers_.parked();
  report_.retried = deciders_.retried();
  report_.skipped = deciders_.skipped();
  report_.far = far_.counts();
  report_.far.unknown += callers_.unknown();
  for (const auto& record : disk_.log->records)
    for (const char byte : record) note(static_cast<unsigned char>(byte));
  return report_;
}

std::string simulation::log() const {
  std::string lines;
  position at = 0;
  for (const auto& raw : disk_.log->records) {
    const auto r = store::read_record(++at, raw);
    lines += std::to_string(at) + " " + std::string{r->stream} + "@" + std::to_string(r->version) + " " + std::string{r->type} + " " +
             std::string{r->command_id} + " time " + std::to_string(r->time) + "\n";
  }
  return lines;
}
