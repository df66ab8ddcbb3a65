// Customers today: they have an e-mail address, live in countries, and are renamed. What they were stands beside.
#pragma once

#include <annals/projection.hpp>
#include "changes/customers/second.hpp"

#include <map>
#include <stdexcept>

namespace third {

using annals::field;

struct create {
  std::string name, email;
  static constexpr auto about = annals::describe<&create::name, &create::email>("create", 2);
};
struct rename {
  std::string name;
  static constexpr auto about = annals::describe<&rename::name>("rename", 1);
};
struct change_address {
  std::string street, city, country;
  static constexpr auto about = annals::describe<&change_address::street, &change_address::city, &change_address::country>("change_address", 3);
};

struct customer_created_v1 {
  std::string name;
  static constexpr auto about = annals::describe<&customer_created_v1::name>("customer_created", 1);
};
struct customer_created {
  std::string name, email;
  static constexpr auto about = annals::describe<&customer_created::name, &customer_created::email>("customer_created", 2);
  using before = customer_created_v1;
  static customer_created upcast(const customer_created_v1& old) { return {old.name, old.name + "@unknown"}; }
};

struct customer_renamed {
  std::string name;
  std::string reason = "none given";
  static constexpr auto about = annals::describe<&customer_renamed::name, &customer_renamed::reason>("customer_renamed", 1);
  static constexpr std::array formerly{"name_changed"};
};

struct address_changed_v1 {
  std::string address;  // "street, city"
  static constexpr auto about = annals::describe<&address_changed_v1::address>("address_changed", 1);
};
struct address_changed_v2 {
  std::string street, city;
  static constexpr auto about = annals::describe<&address_changed_v2::street, &address_changed_v2::city>("address_changed", 2);
  using before = address_changed_v1;
  static address_changed_v2 upcast(const address_changed_v1& old) {
    const auto comma = old.address.find(", ");
    if (comma == std::string::npos) throw std::invalid_argument("no city in '" + old.address + "'");
    return {old.address.substr(0, comma), old.address.substr(comma + 2)};
  }
};
struct address_changed {
  std::string street, city, country;
  static constexpr auto about = annals::describe<&address_changed::street, &address_changed::city, &address_changed::country>("address_changed", 3);
  using before = address_changed_v2;
  static address_changed upcast(const address_changed_v2& old) { return {old.street, old.city, "NL"}; }
};

struct customer {
  static constexpr std::string_view category = "customer";
  using commands = annals::types<create, rename, change_address>;
  using events = annals::types<customer_created, customer_renamed, address_changed>;
  struct state {
    std::string name, email, reason, street, city, country;
    static constexpr auto about =
        annals::describe<&state::name, &state::email, &state::reason, &state::street, &state::city, &state::country>("state", 3);
  };
  using decision = annals::decision<customer>;
  static decision decide(const state& s, const create& c, const annals::context&) {
    if (!s.email.empty()) return annals::reject("already_created", s.email);
    return customer_created{c.name, c.email};
  }
  static decision decide(const state&, const rename& c, const annals::context&) { return customer_renamed{c.name, "asked for"}; }
  static decision decide(const state&, const change_address& c, const annals::context&) { return address_changed{c.street, c.city, c.country}; }
  static void evolve(state& s, const customer_created& e) {
    s.name = e.name;
    s.email = e.email;
  }
  static void evolve(state& s, const customer_renamed& e) {
    s.name = e.name;
    s.reason = e.reason;
  }
  static void evolve(state& s, const address_changed& e) {
    s.street = e.street;
    s.city = e.city;
    s.country = e.country;
  }
};

using second::mailbox;
using second::put_letter;

struct welcomed_v1 {
  std::string name;
  static constexpr auto about = annals::describe<&welcomed_v1::name>("welcomed", 1);
};
struct welcomed {
  std::string name, greeting;
  static constexpr auto about = annals::describe<&welcomed::name, &welcomed::greeting>("welcomed", 2);
  using before = welcomed_v1;
  static welcomed upcast(const welcomed_v1& old) { return {old.name, "welcome"}; }
};
struct welcoming {
  static constexpr std::string_view category = "welcoming";
  using observes = annals::types<customer, mailbox>;
  using events = annals::types<welcomed>;
  struct state {
    std::string name, greeting;
    static constexpr auto about = annals::describe<&state::name, &state::greeting>("state", 2);
  };
  static std::optional<std::string> key(const customer_created& e) { return e.name; }
  static annals::steps<welcoming> on(const state&, const customer_created& e, const annals::context&) {
    return {welcomed{e.name, "hello"}, annals::send<mailbox>(e.name, put_letter{"hello"})};
  }
  static void evolve(state& s, const welcomed& e) {
    s.name = e.name;
    s.greeting = e.greeting;
  }
};

struct asked_to_confirm {
  std::string email;
  static constexpr auto about = annals::describe<&asked_to_confirm::email>("asked_to_confirm", 1);
};
/// New: one instance for each e-mail address.
struct confirming {
  static constexpr std::string_view category = "confirming";
  using observes = annals::types<customer, mailbox>;
  using events = annals::types<asked_to_confirm>;
  struct state {
    std::string email;
    static constexpr auto about = annals::describe<&state::email>("state", 1);
  };
  static std::optional<std::string> key(const customer_created& e) { return e.email; }
  static annals::steps<confirming> on(const state&, const customer_created& e, const annals::context&) {
    return {asked_to_confirm{e.email}, annals::send<mailbox>(e.email, put_letter{"please confirm"})};
  }
  static void evolve(state& s, const asked_to_confirm& e) { s.email = e.email; }
};

struct who_lives_in {
  std::string country;
  static constexpr auto about = annals::describe<&who_lives_in::country>("who_lives_in", 1);
};
/// Customers by where they live, with what they are called.
struct directory {
  static constexpr std::string_view name = "directory";
  using follows = annals::types<customer>;
  using queries = annals::types<who_lives_in>;
  struct entry {
    std::string name, email, country;
  };
  struct model {
    std::map<std::string, entry> by_key;
  };
  static void apply(model& m, const customer_created& e, const annals::record_view& r) { m.by_key[std::string{r.key()}] = {e.name, e.email, ""}; }
  static void apply(model& m, const customer_renamed& e, const annals::record_view& r) { m.by_key[std::string{r.key()}].name = e.name; }
  static void apply(model& m, const address_changed& e, const annals::record_view& r) { m.by_key[std::string{r.key()}].country = e.country; }
  static std::vector<std::string> answer(const model& m, const who_lives_in& q) {
    std::vector<std::string> found;
    for (const auto& [key, one] : m.by_key)
      if (one.country == q.country) found.push_back(one.name + " <" + one.email + ">");
    return found;
  }
};

}  // namespace third
