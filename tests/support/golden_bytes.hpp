// The bytes of the protocol between nodes, as the first build that spoke it wrote them: tests/golden/protocol-1.txt.
#pragma once

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <map>
#include <string>
#include <string_view>

inline std::string hex_of(std::string_view bytes) {
  std::string text;
  constexpr char digits[] = "0123456789abcdef";
  for (const auto byte : bytes) text.append(1, digits[static_cast<unsigned char>(byte) >> 4]).append(1, digits[byte & 15]);
  return text;
}

/// By name, in hex.
inline const std::map<std::string, std::string>& golden_bytes() {
  static const auto all = [] {
    std::map<std::string, std::string> read;
    std::ifstream file{GOLDEN_PROTOCOL};
    std::string name;
    for (std::string word; file >> word;)
      if (word.ends_with(':'))
        name = word.substr(0, word.size() - 1);
      else
        read[name] += word;  // of several lines
    return read;
  }();
  return all;
}

inline void check_golden(const std::string& name, std::string_view bytes) {
  const auto found = golden_bytes().find(name);
  const auto golden = found == golden_bytes().end() ? std::string{"not there"} : found->second;
  BOOST_TEST(hex_of(bytes) == golden, name << ": golden " << golden << ", made " << hex_of(bytes));
}
