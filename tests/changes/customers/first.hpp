// Customers as they were at first.
#pragma once

#include <annals/aggregate.hpp>

namespace first {

using annals::field;

struct create {
  std::string name;
  static constexpr auto about = annals::describe<&create::name>("create", 1);
};
struct change_name {
  std::string name;
  static constexpr auto about = annals::describe<&change_name::name>("change_name", 1);
};
struct change_address {
  std::string address;
  static constexpr auto about = annals::describe<&change_address::address>("change_address", 1);
};

struct customer_created {
  std::string name;
  std::string fax = "none";
  static constexpr auto about = annals::describe<&customer_created::name, &customer_created::fax>("customer_created", 1);
};
struct name_changed {
  std::string name;
  static constexpr auto about = annals::describe<&name_changed::name>("name_changed", 1);
};
struct address_changed {
  std::string address;  // "street, city"
  static constexpr auto about = annals::describe<&address_changed::address>("address_changed", 1);
};

struct customer {
  static constexpr std::string_view category = "customer";
  using commands = annals::types<create, change_name, change_address>;
  using events = annals::types<customer_created, name_changed, address_changed>;
  struct state {
    std::string name;
    std::string address;
    static constexpr auto about = annals::describe<&state::name, &state::address>("state", 1);
  };
  using decision = annals::decision<customer>;
  static decision decide(const state&, const create& c, const annals::context&) { return customer_created{c.name}; }
  static decision decide(const state&, const change_name& c, const annals::context&) { return name_changed{c.name}; }
  static decision decide(const state&, const change_address& c, const annals::context&) { return address_changed{c.address}; }
  static void evolve(state& s, const customer_created& e) { s.name = e.name; }
  static void evolve(state& s, const name_changed& e) { s.name = e.name; }
  static void evolve(state& s, const address_changed& e) { s.address = e.address; }
};

}  // namespace first
