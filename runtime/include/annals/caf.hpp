/// For hosts that have actors of their own on the C++ Actor Framework (CAF 0.17): they send commands and queries to a node as messages, and
/// get receipts, answers and errors as messages.
///
/// Only this header names CAF. A host that includes it needs CAF's headers (Debian: libcaf-dev) and links annals::caf in place of
/// annals::runtime. The runtime's own actors are in an actor system of their own; the host's actors live in the host's.
#pragma once

#include <annals/node.hpp>

#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/behavior.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>
#include <caf/response_promise.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace annals {
class caf_call;
}
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(annals::caf_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(annals::receipt)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(annals::error)

namespace annals {

namespace detail {
class caf_desk;

/// Takes the answer to one call, from any thread.
class caf_reply {
public:
  caf_reply(std::shared_ptr<caf_desk> at, std::uint64_t number) : at_(std::move(at)), number_(number) {}
  template <class T>
  void operator()(result<T> given) const;

private:
  std::shared_ptr<caf_desk> at_;
  std::uint64_t number_;
};
}  // namespace detail

/// What an actor sends to a caf_gateway: a command or a query that caf_command() or caf_query() has made. It holds objects of the host's
/// types, and CAF cannot serialize it: it stays in this process. An actor in another process uses a handle there, an annals::remote.
class caf_call {
public:
  using make = std::function<void(node& to, detail::caf_reply reply)>;
  /// `lost`: what a caller is told whose answer will not come.
  caf_call(make what, errc lost) : make_(std::move(what)), lost_(lost) {}

private:
  friend class detail::caf_desk;
  make make_;
  errc lost_;
};

/// A command, as for node::send(). The answer is an annals::receipt, or an error.
template <class A, one_of<typename A::commands> C>
caf_call caf_command(std::string key, C command, send_options with = {}) {
  return {[key = std::move(key), command = std::move(command), with = std::move(with)](node& to, detail::caf_reply reply) {
            to.send<A>(key, command, with).then(std::move(reply));
          },
          errc::unknown};
}

/// A query, as for node::ask(). The answer has the type that P::answer() returns, or is an error. If CAF does not know that type, the host
/// says CAF_ALLOW_UNSAFE_MESSAGE_TYPE(its::type) once, outside of all namespaces.
template <class P, one_of<typename P::queries> Q>
caf_call caf_query(Q query, std::optional<at_least> when = std::nullopt) {
  return {[query = std::move(query), when](node& to, detail::caf_reply reply) { to.ask<P>(query, when).then(std::move(reply)); }, errc::closed};
}

/// The category of the errors with which a caf_gateway answers. CAF's code is then the number of the errc.
inline constexpr ::caf::atom_value caf_category = ::caf::atom("annals");

/// What a request to a caf_gateway failed with. An error of annals comes back whole, as the node gave it. Of CAF's own errors,
/// request_receiver_down is `closed`: the gateway had ended before it took the call. All others are `unknown`, request_timeout among them:
/// the call may be on its way.
error error_of(const ::caf::error& of);

/// Stands before a node, for the actors of a host. Each request to actor() is answered once, in the order in which the node answers:
///
///   self->request(ledger, time_out, annals::caf_command<account>("42", deposit{500}))
///       .then([](const annals::receipt&) { … }, [](const caf::error& e) { … annals::error_of(e) … });
///
/// It never waits for the node. Commands that one actor sends for one aggregate keep their order. A call that was not sent by request()
/// is answered by an ordinary message, as CAF does.
///
/// Declare it after the node and the actor system, so that it ends before both. Its destructor waits for no answer: calls that have none
/// get one at once, commands `unknown` and queries `closed`; later calls get `closed`. After that nothing refers to the node or the actor
/// system any more. If the node closes first, each call is answered with what the node says then, which is `closed`. Do not move the node
/// meanwhile: the gateway keeps its address. An actor system waits at its end for all actors, and so for the gateway's.
class caf_gateway {
public:
  caf_gateway(::caf::actor_system& in, node& before);
  caf_gateway(caf_gateway&&) noexcept = default;
  caf_gateway& operator=(caf_gateway&& other) noexcept;
  ~caf_gateway() { end(); }

  /// Where to send. Actors may keep it: when the gateway has ended, CAF answers them with request_receiver_down.
  const ::caf::actor& actor() const { return actor_; }

private:
  void end();

  std::shared_ptr<detail::caf_desk> desk_;
  ::caf::actor actor_;
};

namespace detail {

inline ::caf::error caf_error_of(error why) {
  const auto code = static_cast<std::uint8_t>(why.code);
  return {code, caf_category, ::caf::make_message(std::move(why))};
}

/// Who waits for which answer. The node's threads answer here without entering the gateway's actor, which may have ended by then.
class caf_desk : public std::enable_shared_from_this<caf_desk> {
public:
  explicit caf_desk(annals::node& before) : node_(&before) {}

  /// Called by the gateway's actor, in its turn.
  void take(const caf_call& call, ::caf::strong_actor_ptr by, const ::caf::response_promise& promised) {
    const std::lock_guard turn{turn_};
    const auto number = ++last_;
    {
      const std::lock_guard lock{mutex_};
      open_.emplace(number, asker{std::move(by), promised.source(), promised.stages(), promised.id(), call.lost_});
    }
    if (!node_) return answer(number, refusal(errc::closed));
    try {
      call.make_(*node_, caf_reply{shared_from_this(), number});
    } catch (const std::exception& e) {  // a copy of the host's command, or its encoding
      answer(number, caf_error_of({errc::invalid_command, "the call could not be made", e.what()}));
    }
  }

  /// Only the first answer counts.
  template <class T>
  void answer(std::uint64_t number, T&& with) {
    const std::lock_guard lock{mutex_};  // end() must not return while an actor is being told
    const auto found = open_.find(number);
    if (found == open_.end()) return;
    auto to = std::move(found->second);
    open_.erase(found);
    tell(std::move(to), ::caf::make_message(std::forward<T>(with)));
  }

  void end() {
    {
      const std::lock_guard turn{turn_};
      node_ = nullptr;
    }
    const std::lock_guard lock{mutex_};
    auto all = std::exchange(open_, {});
    for (auto& [number, to] : all) {
      auto why = refusal(to.lost);
      tell(std::move(to), ::caf::make_message(std::move(why)));
    }
  }

private:
  struct asker {
    ::caf::strong_actor_ptr gateway, source;
    std::vector<::caf::strong_actor_ptr> stages;  // of a request that actors have passed on
    ::caf::message_id id;
    errc lost;
  };

  static ::caf::error refusal(errc code) { return caf_error_of({code, "the gateway has ended"}); }

  /// As a response_promise does, but from any thread: a promise would look into the gateway's actor.
  static void tell(asker to, ::caf::message what) {
    if (!to.stages.empty()) {
      const auto next = std::move(to.stages.back());
      to.stages.pop_back();
      next->enqueue(::caf::make_mailbox_element(std::move(to.source), to.id, std::move(to.stages), std::move(what)), nullptr);
    } else if (to.source) {
      to.source->enqueue(std::move(to.gateway), to.id.response_id(), std::move(what), nullptr);
    }
  }

  // Recursive: telling an actor may destroy it, and the gateway with it if the actor owned that.
  std::recursive_mutex turn_;  // taken before mutex_
  annals::node* node_;         // guarded by turn_; null: ended
  std::uint64_t last_ = 0;     // guarded by turn_
  std::recursive_mutex mutex_;
  std::unordered_map<std::uint64_t, asker> open_;  // guarded by mutex_
};

template <class T>
void caf_reply::operator()(result<T> given) const {
  if (given)
    at_->answer(number_, std::move(*given));
  else
    at_->answer(number_, caf_error_of(std::move(given).error()));
}

}  // namespace detail

inline error error_of(const ::caf::error& of) {
  if (!of) return {errc::unknown, "no error"};
  if (of.category() == caf_category && of.context().match_elements<error>()) return of.context().get_as<error>(0);
  if (of == ::caf::sec::request_receiver_down) return {errc::closed, "the gateway has ended"};
  return {errc::unknown, "no answer by the gateway", ::caf::to_string(of)};
}

inline caf_gateway::caf_gateway(::caf::actor_system& in, node& before) : desk_(std::make_shared<detail::caf_desk>(before)) {
  const auto behave = [](::caf::event_based_actor* self, const std::shared_ptr<detail::caf_desk>& desk) -> ::caf::behavior {
    self->set_default_handler(::caf::drop);
    return {[self, desk](const caf_call& call) { desk->take(call, self->ctrl(), self->make_response_promise()); }};
  };
  actor_ = in.spawn(behave, desk_);
}

inline caf_gateway& caf_gateway::operator=(caf_gateway&& other) noexcept {
  if (this != &other) {
    end();
    desk_ = std::move(other.desk_);
    actor_ = std::move(other.actor_);
  }
  return *this;
}

inline void caf_gateway::end() {
  if (!desk_) return;
  desk_->end();
  ::caf::anon_send_exit(actor_, ::caf::exit_reason::user_shutdown);
  desk_ = nullptr;
  actor_ = nullptr;
}

}  // namespace annals
