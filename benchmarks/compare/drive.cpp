#include "benchmarks/compare/drive.hpp"

#include "benchmarks/histogram.hpp"
#include "benchmarks/which_account.hpp"

#include <fmt/format.h>

#include <random>

namespace bench::compare {
namespace {

using steady = std::chrono::steady_clock;

class callers {
public:
  callers(engine& one, const work& with) : engine_(one), with_(with), versions_(with.aggregates) {
    for (std::size_t i = 0; i < with.aggregates; ++i) streams_.push_back(fmt::format("account-{}", i));
    std::mt19937_64 random{with.seed};
    for (auto& letter : letters_) letter = static_cast<char>('a' + random() % 26);
  }

  /// Runs `in_flight` callers for `seconds`. Returns the seconds until the last answer.
  double call(double seconds) {
    times_ = {};
    const auto begin = steady::now();
    const auto end = begin + std::chrono::duration<double>(seconds);
    for (std::size_t i = 0; i < with_.in_flight; ++i) send(begin);
    auto now = begin;
    std::vector<deposit> answered;
    for (auto left = with_.in_flight; left > 0;) {
      answered.clear();
      engine_.wait(answered);
      now = steady::now();
      for (const auto& d : answered) {
        times_.add(static_cast<std::uint64_t>(std::chrono::nanoseconds(now - d.queued).count()));
        if (now < end)
          send(now);
        else
          --left;
      }
    }
    answered_ += times_.total();
    return std::chrono::duration<double>(now - begin).count();
  }

  const histogram& times() const { return times_; }
  std::uint64_t answered() const { return answered_; }

private:
  void send(steady::time_point now) {
    const auto n = sent_++;
    const auto account = which_account(n, with_.seed, with_.aggregates);
    const auto& stream = streams_[account];
    constexpr auto rest = 2 * sizeof(std::uint64_t) + event_type.size();  // position, version and type
    const auto payload = std::string_view{letters_}.substr(n % (letters_.size() - record_bytes), record_bytes - rest - stream.size());
    engine_.submit({account, stream, ++versions_[account], payload, now});
  }

  engine& engine_;
  const work& with_;
  std::vector<std::string> streams_;
  std::vector<std::uint64_t> versions_;
  std::string letters_ = std::string(1 << 16, ' ');  // random letters: no two payloads are alike, and none compresses well
  std::uint64_t sent_ = 0;
  std::uint64_t answered_ = 0;
  histogram times_;  // of the last call()
};

}  // namespace

measured drive(engine& one, const work& with) {
  callers all{one, with};
  std::uint64_t warm = 0;
  if (with.warm_up_seconds > 0) {
    all.call(with.warm_up_seconds);
    warm = all.answered();
  }
  const auto took = all.call(with.seconds);
  const auto held = one.count();
  if (held != all.answered()) throw std::runtime_error(fmt::format("{} commands were answered, and {} events are there", all.answered(), held));
  const auto commands = all.times().total();
  return {one.version(), commands, held - warm, static_cast<double>(commands) / took, all.times().percentile_us(50), all.times().percentile_us(99)};
}

}  // namespace bench::compare
