// The text form of a token:
//
//   version:"1" "." history:16 hex digits "." position:decimal ("," position)*
//
// A later version of the log may have several positions; this program accepts one.
#include <annals/receipt.hpp>

#include <charconv>
#include <cstdio>

namespace annals {
namespace {

constexpr std::size_t history_digits = 16;

error not_a_token(std::string_view text, std::string_view why) {
  return {errc::undecodable, "not a token", std::string{text.substr(0, 100)} + ": " + std::string{why}};
}

/// True if the whole text is one number in this base.
bool read_number(std::string_view text, int base, std::uint64_t& into) {
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, into, base);
  return read.ec == std::errc{} && read.ptr == end;
}

}  // namespace

std::string to_string(const token& t) {
  char text[64];
  const auto size =
      std::snprintf(text, sizeof text, "1.%016llx.%llu", static_cast<unsigned long long>(t.history), static_cast<unsigned long long>(t.at));
  return {text, static_cast<std::size_t>(size)};
}

result<token> token_of(std::string_view text) {
  const auto first = text.find('.');
  if (first == std::string_view::npos) return not_a_token(text, "the form is 1.HISTORY.POSITION");
  if (const auto version = text.substr(0, first); version != "1")
    return not_a_token(text, "version " + std::string{version} + " of the form is unknown, this program knows 1");
  const auto second = text.find('.', first + 1);
  if (second == std::string_view::npos) return not_a_token(text, "the position is missing");
  token read;
  if (const auto history = text.substr(first + 1, second - first - 1); history.size() != history_digits || !read_number(history, 16, read.history))
    return not_a_token(text, "a history has 16 hex digits");
  const auto at = text.substr(second + 1);
  if (at.find(',') != std::string_view::npos) return not_a_token(text, "the token has more than one position, this log has one");
  if (!read_number(at, 10, read.at)) return not_a_token(text, "the position is not a 64-bit number");
  return read;
}

}  // namespace annals
