// Customers a year later: addresses have parts, nobody has a fax, and everybody is welcomed with a letter.
#pragma once

#include <annals/process.hpp>

#include <stdexcept>

namespace second {

using annals::field;

struct create {
  std::string name;
  static constexpr auto about = annals::describe<&create::name>("create", 1);
};
struct change_address {
  std::string street, city;
  static constexpr auto about = annals::describe<&change_address::street, &change_address::city>("change_address", 2);
};

struct customer_created {
  std::string name;
  static constexpr auto about = annals::describe<&customer_created::name>("customer_created", 1);
};
struct name_changed {
  std::string name;
  static constexpr auto about = annals::describe<&name_changed::name>("name_changed", 1);
};
struct address_changed_v1 {
  std::string address;
  static constexpr auto about = annals::describe<&address_changed_v1::address>("address_changed", 1);
};
struct address_changed {
  std::string street, city;
  static constexpr auto about = annals::describe<&address_changed::street, &address_changed::city>("address_changed", 2);
  using before = address_changed_v1;
  static address_changed upcast(const address_changed_v1& old) {
    const auto comma = old.address.find(", ");
    if (comma == std::string::npos) throw std::invalid_argument("no city in '" + old.address + "'");
    return {old.address.substr(0, comma), old.address.substr(comma + 2)};
  }
};

struct customer {
  static constexpr std::string_view category = "customer";
  using commands = annals::types<create, change_address>;
  using events = annals::types<customer_created, name_changed, address_changed>;
  struct state {
    std::string name, street, city;
    static constexpr auto about = annals::describe<&state::name, &state::street, &state::city>("state", 2);
  };
  using decision = annals::decision<customer>;
  static decision decide(const state&, const create& c, const annals::context&) { return customer_created{c.name}; }
  static decision decide(const state&, const change_address& c, const annals::context&) { return address_changed{c.street, c.city}; }
  static void evolve(state& s, const customer_created& e) { s.name = e.name; }
  static void evolve(state& s, const name_changed& e) { s.name = e.name; }
  static void evolve(state& s, const address_changed& e) {
    s.street = e.street;
    s.city = e.city;
  }
};

struct put_letter {
  std::string text;
  static constexpr auto about = annals::describe<&put_letter::text>("put_letter", 1);
};
struct letter_put {
  std::string text;
  static constexpr auto about = annals::describe<&letter_put::text>("letter_put", 1);
};
struct mailbox {
  static constexpr std::string_view category = "mailbox";
  using commands = annals::types<put_letter>;
  using events = annals::types<letter_put>;
  struct state {};
  static annals::decision<mailbox> decide(const state&, const put_letter& c, const annals::context&) { return letter_put{c.text}; }
  static void evolve(state&, const letter_put&) {}
};

struct welcomed {
  std::string name;
  static constexpr auto about = annals::describe<&welcomed::name>("welcomed", 1);
};
/// One instance for each customer.
struct welcoming {
  static constexpr std::string_view category = "welcoming";
  using observes = annals::types<customer, mailbox>;
  using events = annals::types<welcomed>;
  struct state {
    std::string name;
    static constexpr auto about = annals::describe<&state::name>("state", 1);
  };
  static std::optional<std::string> key(const customer_created& e) { return e.name; }
  static annals::steps<welcoming> on(const state&, const customer_created& e, const annals::context&) {
    return {welcomed{e.name}, annals::send<mailbox>(e.name, put_letter{"welcome"})};
  }
  static void evolve(state& s, const welcomed& e) { s.name = e.name; }
};

}  // namespace second
