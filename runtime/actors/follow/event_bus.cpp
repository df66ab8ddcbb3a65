// The event bus: tells subscribers that the readable log has grown. A second instance, the commit bus, does so for the durable log. It
// carries no payload and has no growing queue: the log is the buffer.
//
//   takes   after   from subscribers: tell me when the head is past this position
//           grown   from the log, when its readable head has moved; from the journal, when it has committed
//   sends   grown   to a subscriber, once for each `after`
//
// Invariant: a subscriber has at most one question here, so there are at most as many entries as subscribers.
#include "actors/follow/event_bus.hpp"

#include "actors/follow/messages.hpp"

#include <algorithm>

namespace annals::actors {

caf::behavior event_bus(caf::stateful_actor<event_bus_state>* self, position head) {
  self->state.head = head;
  return {
      [self](after& question) {
        auto& s = self->state;
        if (s.head > question.at)
          self->send(question.subscriber, grown{s.head});
        else
          s.waiting.push_back(std::move(question));
      },
      [self](const grown& news) {
        auto& s = self->state;
        s.head = std::max(s.head, news.head);
        std::erase_if(s.waiting, [&](const after& question) {
          if (question.at >= s.head) return false;
          self->send(question.subscriber, grown{s.head});
          return true;
        });
      },
  };
}

}  // namespace annals::actors
