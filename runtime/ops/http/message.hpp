// A request and its answer, as handlers see them. Neither knows the library that reads and writes HTTP.
#pragma once

#include <annals/result.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals::ops {

/// A target, cut in pieces: "/api/streams/a%2Fb?from=1" has the segments "api", "streams" and "a/b".
struct target {
  std::vector<std::string> segments;                       // decoded
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order

  /// The first value of this name.
  std::optional<std::string_view> parameter(std::string_view name) const;
};

/// Nothing if the target does not begin with '/', has a broken escape, or more than 16 segments.
std::optional<target> parse_target(std::string_view text);

struct request {
  std::string method;
  std::string path;  // as it was sent, without the query
  annals::ops::target target;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  bool is_cut = false;  // the body is longer than may be, or does not say how long it is; `body` is empty then
  std::string peer;     // the address at the other end of the connection

  /// The value of a header, by its name in lower case. Nothing if it is missing, or there are several.
  std::optional<std::string_view> header(std::string_view name) const;
};

/// An answer without an end: server-sent events.
class event_source {
public:
  virtual ~event_source() = default;
  /// Appends the next events, or a heartbeat. Waits for at most a second. False: no more will come.
  virtual bool next(std::string& into) = 0;
};

struct answer {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view fixed;                // in place of `body`: bytes that live as long as the program
  std::shared_ptr<event_source> events;  // in place of both

  std::string_view content() const { return fixed.empty() ? std::string_view{body} : fixed; }
};

/// {"error":{"code":…,"reason":…,"detail":…,"place":…}}
answer refusal(int status, const error& why);

/// What a server serves. Called from several threads at once. An exception is answered with 500.
class application {
public:
  virtual ~application() = default;
  virtual answer handle(const request& asked) = 0;
  /// Called after the answer was written. `events` ended when `status` is that of a stream.
  virtual void answered(const request& asked, int status) = 0;
};

}  // namespace annals::ops
