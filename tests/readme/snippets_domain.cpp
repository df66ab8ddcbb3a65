// The guide's pieces of C++ about types of a domain. They are compiled, with the checks that hosting them makes; check.py
// compares them with the pages.
#include <annals/runtime.hpp>
#include <bank/account.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// aggregates.md

struct reserve_seat {
  std::string who;
  static constexpr auto about = annals::describe<&reserve_seat::who>("reserve_seat", 1);
};
struct seat_reserved {
  std::string who;
  static constexpr auto about = annals::describe<&seat_reserved::who>("seat_reserved", 1);
};
struct sold_out {
  static constexpr auto about = annals::describe("sold_out", 1);
};

struct concert {
  static constexpr std::string_view category = "concert";
  static constexpr std::uint64_t snapshot_every = 100;
  using commands = annals::types<reserve_seat>;
  using events = annals::types<seat_reserved, sold_out>;
  struct state {
    std::set<std::string> guests;
    static constexpr auto about = annals::describe<&state::guests>("concert_state", 1);
  };
  static annals::decision<concert> decide(const state& s, const reserve_seat& c, const annals::context& about) {
    constexpr annals::timestamp doors_close = 1'767'207'600'000'000;  // microseconds since 1970 UTC
    if (about.now >= doors_close) return annals::reject("too_late");
    if (s.guests.contains(c.who)) return annals::nothing;  // accepted; no event
    if (s.guests.size() == 100) return annals::reject("sold_out");
    if (s.guests.size() == 99) return {seat_reserved{c.who}, sold_out{}};  // both or none
    return seat_reserved{c.who};
  }
  static void evolve(state& s, const seat_reserved& e) { s.guests.insert(e.who); }
  static void evolve(state&, const sold_out&) {}
};

// read-models.md

struct most_deposits {
  static constexpr auto about = annals::describe("most_deposits", 1);
};

struct deposits {
  static constexpr std::string_view name = "deposits";
  using follows = annals::types<bank::account>;
  using queries = annals::types<most_deposits>;
  struct model {
    std::uint64_t count = 0;
    static constexpr auto about = annals::describe<&model::count>("deposits_model", 1);
  };
  static void apply(model& m, const bank::money_deposited&, const annals::record_view&) { ++m.count; }
  static std::uint64_t answer(const model& m, const most_deposits&) { return m.count; }

  static constexpr std::uint32_t version = 2;
  static constexpr annals::failure_policy on_failure{.attempts = 3, .then = annals::on_failure::park_stream};
  static constexpr std::size_t partitions = 2;
  static void merge(model& into, model&& part) { into.count += part.count; }
  static void effect(const bank::money_deposited& e, const annals::record_view& r) {
    if (e.cents >= 1'000'000) std::printf("a large deposit: %.*s\n", static_cast<int>(r.stream.size()), r.stream.data());
  }
};

// process-managers.md

struct lend {
  static constexpr auto about = annals::describe("lend", 1);
};
struct remind {
  static constexpr auto about = annals::describe("remind", 1);
};
struct book_lent {
  std::string book;
  static constexpr auto about = annals::describe<&book_lent::book>("book_lent", 1);
};
struct book_returned {
  std::string book;
  static constexpr auto about = annals::describe<&book_returned::book>("book_returned", 1);
};
struct reminder_sent {
  static constexpr auto about = annals::describe("reminder_sent", 1);
};

struct book {
  static constexpr std::string_view category = "book";
  using commands = annals::types<lend, remind>;
  using events = annals::types<book_lent, book_returned, reminder_sent>;
  struct state {};
  static annals::decision<book> decide(const state&, const lend&, const annals::context& about) { return book_lent{std::string{about.key}}; }
  static annals::decision<book> decide(const state&, const remind&, const annals::context&) { return reminder_sent{}; }
  static void evolve(state&, const book_lent&) {}
  static void evolve(state&, const book_returned&) {}
  static void evolve(state&, const reminder_sent&) {}
};

struct time_is_up {
  static constexpr auto about = annals::describe("time_is_up", 1);
};
struct reminded {
  static constexpr auto about = annals::describe("reminded", 1);
};
struct reminders {
  static constexpr std::string_view category = "reminders";
  using observes = annals::types<book>;
  using events = annals::types<reminded>;
  using timers = annals::types<time_is_up>;
  struct state {
    int times = 0;
    static constexpr auto about = annals::describe<&state::times>("reminders_state", 1);
  };
  static std::optional<std::string> key(const book_lent& e) { return e.book; }
  static std::optional<std::string> key(const book_returned& e) { return e.book; }

  static annals::steps<reminders> on(const state&, const book_lent&, const annals::context&) {
    return annals::after(std::chrono::days{30}, time_is_up{});
  }
  static annals::steps<reminders> on(const state& s, const time_is_up&, const annals::context& about) {
    if (s.times == 3) return annals::nothing;
    return {reminded{}, annals::send<book>(std::string{about.key}, remind{}), annals::after(std::chrono::days{7}, time_is_up{})};
  }
  static annals::steps<reminders> on(const state&, const book_returned&, const annals::context&) { return annals::cancel<time_is_up>(); }

  static void evolve(state& s, const reminded&) { ++s.times; }
};

// changing-events.md

struct customer_created_v1 {
  std::string name;
  static constexpr auto about = annals::describe<&customer_created_v1::name>("customer_created", 1);
};
struct customer_created {
  std::string name, email;
  static constexpr auto about = annals::describe<&customer_created::name, &customer_created::email>("customer_created", 2);
  using before = customer_created_v1;
  static customer_created upcast(const customer_created_v1& old) { return {old.name, "unknown"}; }
  static constexpr std::array formerly{"client_created"};  // what its type was called before
};

struct address_changed {
  std::string street;
  std::string country = "NL";  // added later; older events have the default
  static constexpr auto about = annals::describe<&address_changed::street, &address_changed::country>("address_changed", 1);
};

struct phone_changed {
  std::string number;  // was called `phone`, and is stored so
  static constexpr auto about = annals::describe("phone_changed", 1, annals::field{"phone", &phone_changed::number});
};

struct customer {
  static constexpr std::string_view category = "customer";
  using commands = annals::types<>;
  using events = annals::types<customer_created, address_changed, phone_changed>;
  enum class standing : std::uint8_t { unknown, good, bad };
  friend constexpr auto labels_of(standing) { return std::to_array<std::string_view>({"unknown", "good", "bad"}); }
  struct state {
    standing now = standing::unknown;
    std::size_t hits = 0;  // a cache: it has its default after each load
    static constexpr auto about = annals::describe<&state::now>("customer_state", 1, annals::not_stored{&state::hits});
  };
  static void evolve(state&, const customer_created&) {}
  static void evolve(state&, const address_changed&) {}
  static void evolve(state&, const phone_changed&) {}
};

annals::result<void> host_all(annals::runtime& rt) {
  if (auto ok = rt.host<concert>(); !ok) return ok;
  if (auto ok = rt.host<book>(); !ok) return ok;
  if (auto ok = rt.host<customer>(); !ok) return ok;
  if (auto ok = rt.project<deposits>(); !ok) return ok;
  return rt.orchestrate<reminders>();
}
