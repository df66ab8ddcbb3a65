// Lines that come in, as words, and lines that go out.
#pragma once

#include <annals/link_options.hpp>
#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

using words = std::vector<std::string>;

/// One write a line: what has been said is heard, even if this process is killed next.
inline void say(std::string line) {
  static std::mutex mutex;
  const std::lock_guard lock{mutex};
  for (auto& c : line)
    if (c == '\n') c = ' ';
  line += '\n';
  for (std::string_view rest = line; !rest.empty();) {
    const auto written = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (written <= 0) std::_Exit(EXIT_FAILURE);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}
inline std::string text_of(const annals::error& why) { return std::string{annals::to_string(why.code)} + " " + why.message(); }
inline void say_answer(const std::string& tag, const annals::result<annals::receipt>& given) {
  say("answer " + tag + " " + (given ? "ok " + std::to_string(given->at) : text_of(given.error())));
}

/// The words of the form name=value.
class named_words {
public:
  explicit named_words(const words& all) {
    for (const auto& one : all)
      if (const auto at = one.find('='); at != std::string::npos) values_[one.substr(0, at)] = one.substr(at + 1);
  }
  std::string operator[](const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string{} : found->second;
  }
  template <class Number>
  void set(const std::string& name, Number& to) const {
    if (const auto value = (*this)[name]; !value.empty()) to = static_cast<Number>(std::stoll(value));
  }
  void set(const std::string& name, std::chrono::milliseconds& to) const {
    if (const auto value = (*this)[name]; !value.empty()) to = std::chrono::milliseconds{std::stoll(value)};
  }
  annals::link_options link() const {
    annals::link_options made;
    if (const auto ca = (*this)["ca"]; !ca.empty()) made.tls = annals::tls_files{ca, (*this)["certificate"], (*this)["tls_key"]};
    set("heartbeat", made.heartbeat);
    set("link_time_out", made.time_out);
    return made;
  }

private:
  std::map<std::string, std::string> values_;
};
