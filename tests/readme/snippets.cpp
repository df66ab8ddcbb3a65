// The README's other pieces of C++, each in a frame that makes it whole. They are compiled only; check.py compares them.
#include <annals/runtime.hpp>
#include <projections/balances.hpp>

#include <array>
#include <optional>
#include <thread>

using projections::balances;

void read_models_that_last(std::optional<annals::runtime>& rt) {
  rt->rebuild<balances>().get();                       // anew from position 1 with today's code; the old one answers meanwhile
  for (const auto& p : rt->parked("balances").value())  // what it could not apply: where, why, how often tried
    rt->retry_parked("balances", p.at).get();          // or skip_parked(): a decision, kept in the log
}

struct customer_created_v1 {
  std::string name;
  static constexpr auto about =
      annals::describe("customer_created", 1, annals::field{"name", &customer_created_v1::name});
};
struct customer_created {
  std::string name, email;
  static constexpr auto about =
      annals::describe("customer_created", 2, annals::field{"name", &customer_created::name},
                       annals::field{"email", &customer_created::email});
  using before = customer_created_v1;
  static customer_created upcast(const customer_created_v1& old) { return {old.name, "unknown"}; }
  static constexpr std::array formerly{"client_created"};  // what its type was called before
};

/// Whoever has such events.
struct customer {
  static constexpr std::string_view category = "customer";
  using commands = annals::types<>;
  using events = annals::types<customer_created>;
  struct state {};
  static void evolve(state&, const customer_created&) {}
};
annals::result<void> change_an_event(annals::runtime& rt) { return rt.host<customer>(); }

annals::result<void> send_mail(const annals::record_view& about);

void subscribe_to_the_log(annals::runtime& rt) {
  auto mail = rt.subscribe("mail", {.types = {"order_shipped"}}).value();
  std::thread worker{[&] { mail.run([&](const annals::delivered& event) { return send_mail(event.record); }); }};
  worker.join();
}
