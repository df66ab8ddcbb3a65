// A program with a console inside, which a test tells what to do, line by line:
//   note KEY TEXT    sends a command: "noted"         notes KEY COUNT   many: "noted"
//   refuse           a subscription parks the first event that it gets: "refused"
//   mend             what could not be handled can be: "mended"
//   hang KEY         the read model's apply does not return: "hanging"          release   now it does: "released"
//   fork             a child destroys the console that it inherits: "forked STATUS"
//   login            a further login: "login URL"     close             closes the console: "closed"
// It begins with "url URL", or with "error CODE …" and status 1. It ends when its input does.
#include "messenger.hpp"
#include "pad.hpp"
#include "texts.hpp"

#include <annals/console.hpp>
#include <annals/runtime.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

namespace {

std::string rest_of(std::istream& from) {
  std::string text;
  std::getline(from >> std::ws, text);
  return text;
}

int fail(const annals::error& why) {
  std::cout << "error " << why.message() << std::endl;
  return 1;
}

annals::result<void> send(annals::runtime& rt, const std::string& key, const std::string& text) {
  auto done = rt.send<pad>(key, note{text}).get();
  if (!done) return done.error();
  return {};
}

annals::result<void> refuse_first(annals::runtime& rt) {
  static std::optional<annals::subscription> member;
  auto joined = rt.subscribe("mail", {.failure = {1, std::chrono::milliseconds{1}, annals::on_failure::park_stream}});
  if (!joined) return joined.error();
  member.emplace(std::move(*joined));
  const auto batch = member->next(1, std::chrono::minutes{1});
  if (!batch) return batch.error();
  return member->nack(batch->at(0).record.at, "there is no such address").get();
}

void obey(annals::runtime& rt, annals::console& console, std::istream& line) {
  std::string verb, key;
  line >> verb;
  if (verb == "note") {
    line >> key;
    if (auto ok = send(rt, key, rest_of(line)); !ok) return void(fail(ok.error()));
    std::cout << "noted" << std::endl;
  } else if (verb == "notes") {
    std::size_t count = 0;
    line >> key >> count;
    for (std::size_t n = 1; n < count; ++n) (void)rt.send<pad>(key, note{std::to_string(n)});
    if (auto ok = send(rt, key, "last"); !ok) return void(fail(ok.error()));
    std::cout << "noted" << std::endl;
  } else if (verb == "hang") {
    line >> key;
    if (auto ok = send(rt, key, "hang"); !ok) return void(fail(ok.error()));
    is_hanging.wait(false);
    std::cout << "hanging" << std::endl;
  } else if (verb == "release") {
    is_released = true;
    is_released.notify_all();
    std::cout << "released" << std::endl;
  } else if (verb == "refuse") {
    if (auto ok = refuse_first(rt); !ok) return void(fail(ok.error()));
    std::cout << "refused" << std::endl;
  } else if (verb == "mend") {
    is_mended = true;
    std::cout << "mended" << std::endl;
  } else if (verb == "login") {
    const auto url = console.new_login();
    if (!url) return void(fail(url.error()));
    std::cout << "login " << *url << std::endl;
  } else if (verb == "fork") {
    if (const auto child = ::fork(); child == 0) {
      {
        const auto inherited = std::move(console);
      }
      ::_exit(0);
    } else {
      int status = 1;
      ::waitpid(child, &status, 0);
      std::cout << "forked " << status << std::endl;
    }
  } else if (verb == "close") {
    console.close();
    std::cout << "closed" << std::endl;
  }
}

}  // namespace

int main(int count, char** words) {
  annals::console_options with{.port = 0};
  bool has_operators = true, has_messenger = false, has_texts = false;
  for (int at = 2; at < count; ++at) {
    const std::string_view word{words[at]};
    const auto value = word.substr(std::min(word.size(), word.find('=') + 1));
    if (word == "actions") with.actions = true;
    if (word == "no_operators") has_operators = false;
    if (word == "messenger") has_messenger = true;
    if (word == "texts") has_texts = true;
    if (word == "behind_proxy") with.behind_proxy = true;
    if (word.starts_with("address=")) with.address = value;
    if (word.starts_with("port=")) with.port = static_cast<std::uint16_t>(std::stoi(std::string{value}));
    if (word.starts_with("host=")) with.hosts.emplace_back(value);
    if (word.starts_with("tails=")) with.tails_max = static_cast<std::size_t>(std::stoi(std::string{value}));
    if (word.starts_with("tls=")) with.tls = annals::console_tls{std::string{value} + ".pem", std::string{value} + ".key"};
  }
  auto rt = annals::runtime::open(words[1], {.snapshots_kept = 3});
  if (!rt) return fail(rt.error());
  if (auto ok = rt->host(annals::hosted_types{}.host<pad>().project<likes>()); !ok) return fail(ok.error());
  if (has_texts)
    if (auto ok = rt->project<texts>(); !ok) return fail(ok.error());
  if (has_messenger)
    if (auto ok = rt->host(annals::hosted_types{}.host<closed_office>().orchestrate<messenger>()); !ok) return fail(ok.error());
  if (has_operators)
    if (auto ok = annals::host_operators(*rt); !ok) return fail(ok.error());
  if (auto ok = rt->start(); !ok) return fail(ok.error());
  auto console = annals::console::open(*rt, with);
  if (!console) return fail(console.error());
  std::cout << "url " << console->url() << std::endl;
  for (std::string text; std::getline(std::cin, text);) {
    std::istringstream line{text};
    obey(*rt, *console, line);
  }
  return 0;
}
