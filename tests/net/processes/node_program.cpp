// A node as a process: it does what the lines of its input say, and answers with lines. `here` is its own runtime, other names are handles
// that `connect` has made.
//
//   key FILE                            → key PUBLIC
//   open STORE                          → opened
//   listen at= name= key= peers= …      → listening PORT
//   counts | reload | close_door        → counts LINKS REFUSED MALFORMED OVERRUN TIMED_OUT FORBIDDEN | reloaded | door_closed
//   connect HANDLE to= name= key= …     → connected HANDLE; later: news HANDLE linked|lost|failed WHY
//   drop HANDLE                         → dropped HANDLE
//   send HANDLE KEY AMOUNT TAG [ID]     → answer TAG ok POSITION, or answer TAG CODE WHY
//   note HANDLE KEY BYTES TAG           → the same
//   load HANDLE FIRST COUNT WINDOW KEYS → answer NUMBER …; loaded FIRST. The amount is the number, the key k-(NUMBER % KEYS), the id id-NUMBER
//   flood HANDLE COUNT WINDOW           → the same without ids, for one key; only the sum: flooded ACCEPTED OTHERS
//   ask HANDLE KEY TAG                  → answer TAG ok SUM
//   health HANDLE                       → health DURABLE
//   head HANDLE                         → head POSITION HISTORY
//   log HANDLE                          → record POSITION KEY AMOUNT ID; end
//   subscribe HANDLE NAME               → event POSITION ATTEMPT; ended CODE WHY
//   fork HANDLE                         → child STATUS
#include "net/processes/lines.hpp"
#include "support/world.hpp"

#include <annals/keys.hpp>
#include <annals/remote.hpp>
#include <annals/runtime.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using world::add;
using world::counter;

namespace {

class program {
public:
  void run(const words& line) {
    static const std::map<std::string, void (program::*)(const words&)> all{
        {"key", &program::key},       {"open", &program::open},          {"listen", &program::listen}, {"counts", &program::counts},
        {"reload", &program::reload}, {"send", &program::send},          {"note", &program::note},     {"close_door", &program::close_door},
        {"drop", &program::drop},     {"load", &program::load},          {"flood", &program::flood},   {"subscribe", &program::subscribe},
        {"ask", &program::ask},       {"connect", &program::connect},    {"log", &program::log},       {"head", &program::head},
        {"health", &program::health}, {"fork", &program::fork_and_call},
    };
    (this->*all.at(line.at(0)))(line);
  }
  ~program() {
    far_.clear();
    door_.reset();
    for (auto& one : threads_) one.join();
  }

private:
  void key(const words& w) { say("key " + annals::make_key_file(w.at(1)).value()); }

  void open(const words& w) {
    annals::options with;
    with.log_sink = [](annals::log_level, std::string_view line) { std::cerr << line << '\n'; };
    here_.emplace(annals::runtime::open(w.at(1), with).value());
    here_->host<counter>().value();
    here_->project<world::sums>().value();
    here_->start().value();
    say("opened");
  }

  void listen(const words& w) {
    const named_words named{w};
    annals::listen_options with;
    with.at = named["at"];
    with.name = named["name"];
    with.key = named["key"];
    with.peers = named["peers"];
    with.link = named.link();
    named.set("commands_max", with.commands_max);
    named.set("questions_max", with.questions_max);
    named.set("bytes_max", with.bytes_max);
    named.set("sessions_max", with.sessions_max);
    named.set("session_kept", with.session_kept);
    auto made = here_->listen(with);
    if (!made) return say("error " + text_of(made.error()));
    door_.emplace(std::move(*made));
    say("listening " + std::to_string(door_->port()));
  }
  void counts(const words&) {
    const auto c = door_->counts();
    std::string line = "counts";
    for (const auto n : {c.links, c.refused, c.malformed, c.overrun, c.timed_out, c.forbidden_calls}) line += " " + std::to_string(n);
    say(line);
  }
  void reload(const words&) {
    const auto ok = door_->reload();
    say(ok ? "reloaded" : "error " + text_of(ok.error()));
  }
  void close_door(const words&) {
    door_.reset();
    say("door_closed");
  }

  void connect(const words& w) {
    const named_words named{w};
    const auto name = w.at(1);
    annals::remote_options with;
    with.name = named["name"];
    with.key = named["key"];
    with.server_keys = {named["server"]};
    with.link = named.link();
    named.set("time_out", with.time_out);
    with.on_link = [name](const annals::link_news& news) {
      constexpr const char* kinds[]{"linked", "lost", "failed"};
      say("news " + name + " " + kinds[static_cast<int>(news.what)] + (news.why ? " " + text_of(*news.why) : ""));
    };
    auto made = annals::remote::connect({named["to"]}, with);
    if (!made) return say("error " + text_of(made.error()));
    far_[name] = std::make_unique<annals::remote>(std::move(*made));
    say("connected " + name);
  }
  void drop(const words& w) {
    far_.erase(w.at(1));
    say("dropped " + w.at(1));
  }
  annals::node& at(const std::string& name) {
    if (name == "here") return *here_;
    return *far_.at(name);
  }

  void send(const words& w) {
    annals::send_options with;
    if (w.size() > 5) with.id = w[5];
    at(w.at(1)).send<counter>(w.at(2), add{std::stoll(w.at(3))}, with).then([tag = w.at(4)](const auto& given) { say_answer(tag, given); });
  }
  void note(const words& w) {
    at(w.at(1)).send<counter>(w.at(2), world::note{std::string(std::stoul(w.at(3)), 'n')}).then([tag = w.at(4)](const auto& given) {
      say_answer(tag, given);
    });
  }
  void ask(const words& w) {
    at(w.at(1)).ask<world::sums>(world::sum_of{w.at(2)}).then([tag = w.at(3)](const auto& given) {
      say("answer " + tag + " " + (given ? "ok " + std::to_string(*given) : text_of(given.error())));
    });
  }

  void head(const words& w) {
    const auto found = at(w.at(1)).head();
    say(found ? "head " + std::to_string(found->at) + " " + std::to_string(found->history) : "error " + text_of(found.error()));
  }

  void health(const words& w) {
    const auto found = at(w.at(1)).health();
    say(found ? "health " + std::to_string(found->durable) : "error " + text_of(found.error()));
  }

  void load(const words& w) {
    const auto first = std::stoll(w.at(2)), count = std::stoll(w.at(3)), keys = std::stoll(w.at(5));
    threads_.emplace_back([this, first, count, keys, window = std::stoll(w.at(4)), &to = at(w.at(1))] {
      std::counting_semaphore<> free{window};
      for (auto number = first; number < first + count; ++number) {
        free.acquire();
        annals::send_options with;
        with.id = "id-" + std::to_string(number);
        to.send<counter>("k-" + std::to_string(number % keys), add{number}, with).then([&free, number](const auto& given) {
          say_answer(std::to_string(number), given);
          free.release();
        });
      }
      for (long long i = 0; i < window; ++i) free.acquire();
      say("loaded " + std::to_string(first));
    });
  }
  void flood(const words& w) {
    threads_.emplace_back([count = std::stoll(w.at(2)), window = std::stoll(w.at(3)), &to = at(w.at(1))] {
      std::counting_semaphore<> free{window};
      std::atomic<long long> accepted{0};
      for (long long i = 0; i < count; ++i) {
        free.acquire();
        to.send<counter>("flood", add{1}).then([&](const auto& given) {
          accepted += given.has_value();
          free.release();
        });
      }
      for (long long i = 0; i < window; ++i) free.acquire();
      say("flooded " + std::to_string(accepted) + " " + std::to_string(count - accepted));
    });
  }

  void log(const words& w) {
    const auto read = at(w.at(1)).log(1, ~std::size_t{0}, [](const annals::record_view& record) {
      const auto added = annals::decoded<world::added>(record.payload);
      say("record " + std::to_string(record.at) + " " + std::string{record.key()} + " " +
          (record.type == "added" && added ? std::to_string(added->amount) : "-" + std::to_string(record.payload.size())) + " " +
          std::string{record.command_id});
      return true;
    });
    say(read ? "end" : "error " + text_of(read.error()));
  }

  void subscribe(const words& w) {
    auto member = at(w.at(1)).subscribe(w.at(2));
    if (!member) return say("error " + text_of(member.error()));
    threads_.emplace_back([in = std::move(*member)]() mutable {
      const auto ended = in.run([](const annals::delivered& one) -> annals::result<void> {
        say("event " + std::to_string(one.record.at) + " " + std::to_string(one.attempt));
        return {};
      });
      say("ended " + (ended ? std::string{"ok"} : text_of(ended.error())));
    });
  }

  /// In the child every call of the parent's handle is misuse, and the child ends as usual.
  void fork_and_call(const words& w) {
    auto& far = *far_.at(w.at(1));
    auto outstanding = far.send<counter>("forked", add{1});
    const auto child = ::fork();
    if (child == 0) {
      int wrong = 0;
      auto expect = [&, number = 0](const auto& given) mutable {
        ++number;
        if ((given || given.error().code != annals::errc::misuse) && wrong == 0) wrong = number;
      };
      expect(far.send<counter>("forked", add{1}).get());
      expect(far.ask<world::sums>(world::sum_of{"forked"}).get());
      expect(far.history<counter>("forked"));
      expect(far.state_of<counter>("forked"));
      expect(far.log(1, 1, [](const auto&) { return true; }));
      expect(far.head());
      expect(far.health());
      expect(far.subscribe("forked"));
      expect(far.parked("sums"));
      expect(far.retry_parked("sums", 1).get());
      expect(far.skip_parked("sums", 1).get());
      expect(far.rebuild("sums").get());
      expect(far.wait_for_link(1s));
      far.close();
      if (!outstanding.ready()) expect(outstanding.get());
      for (auto& one : threads_) one.detach();
      far_.clear();
      std::exit(wrong);
    }
    int status = -1;
    if (child < 0 || ::waitpid(child, &status, 0) != child) status = -1;
    say("child " + std::to_string(status));
    say_answer("of_the_parent", outstanding.get());
  }

  std::optional<annals::runtime> here_;
  std::optional<annals::listener> door_;
  std::map<std::string, std::unique_ptr<annals::remote>> far_;
  std::vector<std::thread> threads_;
};

}  // namespace

int main() {
  program all;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream in{line};
    words split{std::istream_iterator<std::string>{in}, {}};
    try {
      all.run(split);
    } catch (const std::exception& e) {
      say(std::string{"error exception "} + e.what());
    }
  }
}
