// A read model that grows with each note.
#pragma once

#include "pad.hpp"

#include <string>
#include <string_view>
#include <vector>

struct texts {
  static constexpr std::string_view name = "texts";
  using follows = annals::types<pad>;
  using queries = annals::types<count_of>;
  struct model {
    std::vector<std::string> all;
    static constexpr auto about = annals::describe<&model::all>("texts", 1);
  };
  static void apply(model& m, const noted& e, const annals::record_view&) { m.all.push_back(e.text); }
  static std::uint64_t answer(const model& m, const count_of&) { return m.all.size(); }
};
