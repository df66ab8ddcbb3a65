// A host that keeps its runtime where hosts keep such things, or meets what hosts meet: one way a run, named on the command line.
// Ends with 0 when all was as it should be. What the ways are: lifetime_tests.py.
#include "lifetime/bell.hpp"
#include "support/asleep.hpp"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace {

std::atomic<int> threads_until_one_fails{0};  // 0: none does

}  // namespace

/// Before the one of the C library: as that one when the kernel gives no thread.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* with, void* (*run)(void*), void* argument) noexcept {
  using creates = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto create = reinterpret_cast<creates>(::dlsym(RTLD_NEXT, "pthread_create"));
  for (int left = threads_until_one_fails; left > 0;)
    if (threads_until_one_fails.compare_exchange_weak(left, left - 1)) {
      if (left == 1) return EAGAIN;
      break;
    }
  return create(thread, with, run, argument);
}

namespace {

std::unique_ptr<annals::runtime> at_namespace_scope;

struct singleton {
  std::unique_ptr<annals::runtime> rt;
  static singleton& instance() {
    static singleton one;
    return one;
  }
};

/// A host's object that is destroyed after the runtime's thread-locals, and still asks.
struct asks_at_the_end {
  std::unique_ptr<annals::runtime> rt;
  ~asks_at_the_end() {
    if (rt) use(*rt);
  }
};
asks_at_the_end late;

void wait_until_asleep(pid_t thread) {
  while (!is_asleep(thread)) std::this_thread::yield();
}

void fork_and_use(annals::runtime& rt, const std::string& store) {
  auto unanswered = rt.send<bell>("2", ring{});
  auto member = rt.subscribe("ringers").value();
  const auto seen = rt.view();
  const auto child = ::fork();
  if (child == 0) {
    constexpr auto misuse = annals::errc::misuse;
    require_code(rt.send<bell>("1", ring{}).get(), misuse, "send");
    require_code(rt.subscribe("ringers"), misuse, "subscribe");
    require_code(rt.history<bell>("1"), misuse, "history");
    require_code(rt.state_of<bell>("1"), misuse, "state_of");
    require_code(rt.model_at<peals>(1), misuse, "model_at");
    require_code(rt.read<peals>([](const peals::model&, annals::position) {}), misuse, "read");
    require_code(rt.parked("peals"), misuse, "parked");
    require_code(rt.rebuild<peals>().get(), misuse, "rebuild");
    require_code(rt.retry_parked("peals", 1).get(), misuse, "retry_parked");
    require_code(rt.skip_parked("peals", 1).get(), misuse, "skip_parked");
    require_code(rt.settle(1s), misuse, "settle");
    require_code(rt.backup(store + ".copy"), misuse, "backup");
    require_code(rt.log(1, 1, [](const annals::record_view&) { return true; }), misuse, "log");
    require_code(rt.view().head(), misuse, "view");
    require_code(seen.stats(), misuse, "the parent's view");
    require_code(rt.start(), misuse, "start");
    require_code(rt.host<bell>(), misuse, "host");
    require_code(member.next(1, 1s), misuse, "next");
    require_code(member.ack(1).get(), misuse, "ack");
    require(!rt.health().well() && rt.head().at == 0, "the child's health");
    if (!unanswered.ready()) require_code(unanswered.get(), misuse, "what the parent asked");
    require_code(annals::runtime::open(store), annals::errc::store_locked, "the parent's store");
    rt.close();
    std::exit(EXIT_SUCCESS);  // destroys statics and what this process has of the parent's
  }
  int status = 1;
  require(::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended well");
  unanswered.get().value();
  use(rt);
}

int held_back = -1;  // a pipe: a child waits in its fork handlers until it can read a byte; -1: it does not wait
/// Registers its handler before annals does, so it also runs before annals' own.
[[gnu::constructor(101)]] void hold_children_back() {
  ::pthread_atfork(nullptr, nullptr, [] {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a child that survived would keep the parent's output open
    char byte = 0;
    if (held_back >= 0) (void)!::read(held_back, &byte, 1);
  });
}

/// The child lives on when its parent has ended, and opens the store for itself.
void fork_and_outlive(std::unique_ptr<annals::runtime>& rt, const std::string& store) {
  int tell[2], ask[2];
  require(::pipe(tell) == 0 && ::pipe(ask) == 0, "pipes");
  const auto child = ::fork();
  char byte = 0;
  if (child == 0) {
    require(::read(ask[0], &byte, 1) == 1, "the parent has closed its own");
    rt.reset();
    rt = begun(store);
    use(*rt);
    require(::write(tell[1], &byte, 1) == 1, "told");
    rt.reset();
    std::exit(EXIT_SUCCESS);
  }
  ::close(tell[1]);  // when the child ends before it has told, the parent hears so
  // A child that does nothing does not keep the lock, not even one that has not begun.
  int never[2];
  require(::pipe(never) == 0, "a pipe");
  held_back = never[0];
  const auto idle = ::fork();
  if (idle == 0) {
    ::pause();
    std::_Exit(EXIT_FAILURE);
  }
  held_back = -1;
  rt.reset();
  begun(store).reset();
  require(::write(ask[1], &byte, 1) == 1 && ::read(tell[0], &byte, 1) == 1, "the child has opened and used it");
  int status = 1;
  require(::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended well");
  ::kill(idle, SIGKILL);
  ::waitpid(idle, &status, 0);
}

void stuck(const std::string& store, bool destroyed) {
  effects_are_stuck = true;
  annals::options with;
  with.close_deadline = 100ms;
  std::mutex mutex;
  static std::string said;
  with.log_sink = [](annals::log_level, std::string_view line) { said += line; };
  auto rt = begun(store, with);
  (void)rt->send<bell>("1", ring{}).get().value();
  in_effect.get_future().wait();
  rt->close();
  if (!destroyed) {
    at_namespace_scope = std::move(rt);
    return;
  }
  rt.reset();
  require(said.find("projection peals has not ended") != std::string::npos, "it says what has not ended");
  require_code(annals::runtime::open(store), annals::errc::misuse, "the store is still in use");
  // When it ends after all, the store is let go.
  may_end.set_value();
  for (auto again = annals::runtime::open(store); !again; again = annals::runtime::open(store)) std::this_thread::yield();
}

/// The n-th thread from now on cannot be started, for each n until all can. A start that failed may be tried again.
void few_threads(const std::string& store) {
  for (int n = 1;; ++n) {
    auto rt = annals::runtime::open(store).value();
    rt.host<bell>().value();
    rt.project<peals>().value();
    threads_until_one_fails = n;
    const auto ok = rt.start();
    if (threads_until_one_fails.exchange(0) > 0) {
      ok.value();
      use(rt);
      require(n > 8, "there were threads that could fail");
      return;
    }
    require_code(ok, annals::errc::no_threads, "start");
    require(ok.error().message().find("Resource temporarily unavailable") != std::string::npos, "it says why");
    require_code(rt.send<bell>("1", ring{}).get(), annals::errc::misuse, "send before start");
    if (n % 2 == 0) continue;  // the other half ends without
    rt.start().value();
    use(rt);
  }
}

const std::map<std::string, std::function<void(const std::string&)>> ways{
    {"namespace_scope", [](auto& store) { at_namespace_scope = begun(store), use(*at_namespace_scope); }},
    {"namespace_scope_closed", [](auto& store) { at_namespace_scope = begun(store), use(*at_namespace_scope), at_namespace_scope->close(); }},
    {"not_started", [](auto& store) { at_namespace_scope = std::make_unique<annals::runtime>(annals::runtime::open(store).value()); }},
    {"function_static",
     [](auto& store) {
       static auto rt = begun(store);
       use(*rt);
     }},
    {"singleton", [](auto& store) { singleton::instance().rt = begun(store), use(*singleton::instance().rt); }},
    {"asks_at_the_end", [](auto& store) { late.rt = begun(store); }},
    {"started_in_a_thread", [](auto& store) { std::thread{[&] { at_namespace_scope = begun(store), use(*at_namespace_scope); }}.join(); }},
    {"threads_still_wait",
     [](auto& store) {
       static auto* rt = begun(store).release();
       std::promise<pid_t> waits;
       std::thread{[&] {
         auto member = rt->subscribe("ringers").value();
         waits.set_value(::gettid());
         (void)member.next(1, 1h);
       }}.detach();
       wait_until_asleep(waits.get_future().get());
     }},
    {"pool_thread",
     [](auto& store) {
       auto rt = begun(store);
       std::promise<void> subscribed, ends;
       std::thread pool{[&] {
         use(*rt);
         (void)rt->skip_parked("stranger", 1).get();
         subscribed.set_value();
         ends.get_future().wait();
       }};
       subscribed.get_future().wait();
       rt.reset();
       ends.set_value();
       pool.join();
     }},
    {"closed_by_another_thread",
     [](auto& store) {
       auto rt = begun(store);
       std::promise<void> closed, ends;
       std::thread pool{[&] {
         rt->close();
         closed.set_value();
         ends.get_future().wait();
       }};
       closed.get_future().wait();
       rt.reset();
       ends.set_value();
       pool.join();
     }},
    {"destroyed_in_a_callback",
     [](auto& store) {
       std::shared_ptr<annals::runtime> rt = begun(store);
       std::promise<void> done;
       auto* raw = rt.get();
       raw->send<bell>("1", ring{}).then([last = std::move(rt), &done](annals::result<annals::receipt> r) mutable {
         require(r.has_value(), "answered");
         last.reset();
         done.set_value();
       });
       done.get_future().wait();
       for (auto again = annals::runtime::open(store); !again; again = annals::runtime::open(store)) std::this_thread::yield();
     }},
    {"stuck", [](auto& store) { stuck(store, true); }},
    {"stuck_at_the_end", [](auto& store) { stuck(store, false); }},
    {"fork",
     [](auto& store) {
       at_namespace_scope = begun(store);
       use(*at_namespace_scope);
       fork_and_use(*at_namespace_scope, store);
     }},
    {"fork_and_outlive",
     [](auto& store) {
       at_namespace_scope = begun(store);
       use(*at_namespace_scope);
       fork_and_outlive(at_namespace_scope, store);
     }},
    {"few_threads", few_threads},
};

}  // namespace

int main(int, char** argv) {
  ways.at(argv[1])(argv[2]);
  return EXIT_SUCCESS;
}
