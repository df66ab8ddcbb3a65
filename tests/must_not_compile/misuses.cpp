// What must not compile, each mistake in a type of its own: all of it is compiled once, and the driver, misuses.py, compares the
// first error that comes from a line with what the comment at its end says. A line without such a comment must have no error.
#include <annals/runtime.hpp>

using annals::field;

struct deposit {
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe("deposit", 1, field{"cents", &deposit::cents});
};
struct withdraw {
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe("withdraw", 1, field{"cents", &withdraw::cents});
};
struct deposited {
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe("deposited", 1, field{"cents", &deposited::cents});
};
struct withdrawn {
  std::int64_t cents = 0;
  static constexpr auto about = annals::describe("withdrawn", 1, field{"cents", &withdrawn::cents});
};
struct stranger {
  static constexpr auto about = annals::describe("stranger", 1);
};
struct reminder {
  static constexpr auto about = annals::describe("reminder", 1);
};
struct noted {
  static constexpr auto about = annals::describe("noted", 1);
};
struct total {
  static constexpr auto about = annals::describe("total", 1);
};

using context = annals::context;
using record = annals::record_view;
using key_of_event = std::optional<std::string>;

/// Aggregates, process managers and projections without a mistake; those that have one take over what is right.
template <class Self>
struct account_base {
  static constexpr std::string_view category = "account";
  using commands = annals::types<deposit>;
  using events = annals::types<deposited, withdrawn>;
  struct state {};
};
struct account : account_base<account> {
  static annals::decision<account> decide(const state&, const deposit&, const context&) { return annals::nothing; }
  static void evolve(state&, const deposited&) {}
  static void evolve(state&, const withdrawn&) {}
};
struct till {
  static constexpr std::string_view category = "till";
  using commands = annals::types<withdraw>;
  using events = annals::types<noted>;
  struct state {};
  static annals::decision<till> decide(const state&, const withdraw&, const context&) { return noted{}; }
  static void evolve(state&, const noted&) {}
};
struct process_base {
  static constexpr std::string_view category = "process";
  using observes = annals::types<account>;
  using events = annals::types<noted>;
  using timers = annals::types<reminder>;
  struct state {};
};
template <class P>
struct process_of : process_base {
  using steps = annals::steps<P>;
  static key_of_event key(const deposited&) { return "1"; }
  static steps on(const state&, const deposited&, const context&) { return noted{}; }
  static steps on(const state&, const reminder&, const context&) { return {}; }
  static void evolve(state&, const noted&) {}
};
struct projection_base {
  static constexpr std::string_view name = "projection";
  using follows = annals::types<account>;
  using queries = annals::types<total>;
  struct model {};
};
struct projection : projection_base {
  static void apply(model&, const deposited&, const record&) {}
  static std::int64_t answer(const model&, const total&) { return 0; }
};
struct right : process_of<right> {
  static steps rejected(const state&, const deposit&, const annals::rejection&, const context&) {
    return {noted{}, annals::send<account>("1", deposit{}), annals::after(std::chrono::seconds{1}, reminder{}),
            annals::cancel<reminder>()};
  }
};
void without_mistakes(annals::hosted_types& all) { all.host<account>().host<till>().project<projection>().orchestrate<right>(); }

// A process manager.
#define PROCESS(name)                  \
  struct name : process_of<name> {     \
    using base = process_of<name>;     \
    using base::key;                   \
    using base::on;
#define OTHER_KEY(name)                                                                    \
  struct name : process_base {                                                             \
    using steps = annals::steps<name>;                                                     \
    static steps on(const state&, const deposited&, const context&) { return noted{}; }    \
    static steps on(const state&, const reminder&, const context&) { return {}; }          \
    static void evolve(state&, const noted&) {}
#define OTHER_ON(name)                                                                     \
  struct name : process_base {                                                             \
    using steps = annals::steps<name>;                                                     \
    static key_of_event key(const deposited&) { return "1"; }                              \
    static steps on(const state&, const reminder&, const context&) { return {}; }          \
    static void evolve(state&, const noted&) {}
#define ORCHESTRATE(name) \
  }                       \
  ;                       \
  void use_##name(annals::hosted_types& all) { all.orchestrate<name>(); }

OTHER_KEY(key_that_is_not_optional)
static std::string key(const deposited&) { return "1"; }
ORCHESTRATE(key_that_is_not_optional)  // says: another signature, never called: it is static std::optional<std::string> P::key(const E&)
OTHER_KEY(key_with_a_record)
static key_of_event key(const deposited&, const record&) { return "1"; }
ORCHESTRATE(key_with_a_record)  // says: another signature, never called: it is static std::optional<std::string> P::key(const E&)
OTHER_KEY(key_of_a_copy)
static key_of_event key(deposited) { return "1"; }
ORCHESTRATE(key_of_a_copy)  // says: another signature, never called: it is static std::optional<std::string> P::key(const E&)
OTHER_KEY(key_of_a_changeable_event)
static key_of_event key(deposited&) { return "1"; }
ORCHESTRATE(key_of_a_changeable_event)  // says: another signature, never called: it is static std::optional<std::string> P::key(const E&)
OTHER_KEY(key_that_is_not_static)
key_of_event key(const deposited&) { return "1"; }
ORCHESTRATE(key_that_is_not_static)  // says: another signature, never called: it is static std::optional<std::string> P::key(const E&)
OTHER_KEY(key_that_is_private)
private: static key_of_event key(const deposited&) { return "1"; }
ORCHESTRATE(key_that_is_private)  // says: private | missing overload
OTHER_KEY(no_key)
ORCHESTRATE(no_key)  // says: no event of what it observes has an overload: static std::optional<std::string> P::key(const E&)
PROCESS(key_of_a_stranger)
static key_of_event key(const stranger&) { return "1"; }
ORCHESTRATE(key_of_a_stranger)  // says: an overload of key is never called: it takes no event of what P observes
PROCESS(key_of_two_strangers)
static key_of_event key(const stranger&) { return "1"; }
static key_of_event key(const noted&) { return "1"; }
ORCHESTRATE(key_of_two_strangers)  // says: an overload of key is never called: it takes no event of what P observes
PROCESS(key_without_on)
static key_of_event key(const withdrawn&) { return "1"; }
ORCHESTRATE(key_without_on)  // says: missing overload: static annals::steps<P> P::on(const P::state&, const E&, const annals::context&)
PROCESS(on_without_key)
static steps on(const state&, const withdrawn&, const context&) { return {}; }
ORCHESTRATE(on_without_key)  // says: missing overload: static std::optional<std::string> P::key(const E&), for an event that P::on takes
PROCESS(on_of_a_stranger)
static steps on(const state&, const stranger&, const context&) { return {}; }
ORCHESTRATE(on_of_a_stranger)  // says: an overload of on is never called: it takes no event of what P observes and none of P::timers
PROCESS(on_without_a_context)
static steps on(const state&, const withdrawn&) { return {}; }
ORCHESTRATE(on_without_a_context)  // says: another signature, never called: it is static annals::steps<P> P::on(
OTHER_ON(on_with_a_changeable_state)
static steps on(state&, const deposited&, const context&) { return {}; }
ORCHESTRATE(on_with_a_changeable_state)  // says: missing overload: static annals::steps<P> P::on(
OTHER_ON(on_that_returns_an_event)
static noted on(const state&, const deposited&, const context&) { return {}; }
ORCHESTRATE(on_that_returns_an_event)  // says: missing overload: static annals::steps<P> P::on(
OTHER_ON(on_that_is_not_static)
steps on(const state&, const deposited&, const context&) { return {}; }
ORCHESTRATE(on_that_is_not_static)  // says: missing overload: static annals::steps<P> P::on(
PROCESS(rejected_without_the_rejection)
static steps rejected(const state&, const deposit&, const context&) { return {}; }
ORCHESTRATE(rejected_without_the_rejection)  // says: another signature, never called: it is static annals::steps<P> P::rejected(
PROCESS(rejected_without_a_context)
static steps rejected(const state&, const deposit&, const annals::rejection&) { return {}; }
ORCHESTRATE(rejected_without_a_context)  // says: another signature, never called: it is static annals::steps<P> P::rejected(
PROCESS(rejected_of_a_copy)
static steps rejected(const state&, deposit, const annals::rejection&, const context&) { return {}; }
ORCHESTRATE(rejected_of_a_copy)  // says: another signature, never called: it is static annals::steps<P> P::rejected(
PROCESS(rejected_that_returns_nothing)
static void rejected(const state&, const deposit&, const annals::rejection&, const context&) {}
ORCHESTRATE(rejected_that_returns_nothing)  // says: another signature, never called: it is static annals::steps<P> P::rejected(
PROCESS(rejected_of_another_aggregate)
static steps rejected(const state&, const withdraw&, const annals::rejection&, const context&) { return {}; }
ORCHESTRATE(rejected_of_another_aggregate)  // says: an overload of rejected is never called: it takes no command of what P observes
PROCESS(rejected_that_is_private)
private: static steps rejected(const state&, const deposit&, const annals::rejection&, const context&) { return {}; }
ORCHESTRATE(rejected_that_is_private)  // says: private | missing overload
PROCESS(accepted_as_a_hook)
static steps accepted(const state&, const deposit&, const context&) { return {}; }
ORCHESTRATE(accepted_as_a_hook)  // says: accepted is never called: observe the event that the command leads to
PROCESS(evolve_of_a_stranger)
using base::evolve;
static void evolve(state&, const stranger&) {}
ORCHESTRATE(evolve_of_a_stranger)  // says: an overload of evolve is never called: it takes none of A::events
PROCESS(on_of_a_timer_that_is_not_listed)
using timers = annals::types<>;
ORCHESTRATE(on_of_a_timer_that_is_not_listed)  // says: an overload of on is never called: it takes no event of what P observes and none of P::timers

PROCESS(timer_that_is_not_listed)
static steps later() { return annals::after(std::chrono::seconds{1}, stranger{}); }  // says: P sets a timer that it could not take when it is due
};
PROCESS(timer_of_somebody_else_cancelled)
static steps later() { return annals::cancel<stranger>(); }  // says: P cancels a timer that it cannot set: add it to P::timers
};
PROCESS(target_that_is_not_observed)
static steps later() { return annals::send<till>("1", withdraw{}); }  // says: P sends to an aggregate that it does not observe
};
PROCESS(target_that_is_not_observed_added)
static steps later() { steps made; made.add(annals::send<till>("1", withdraw{})); return made; }  // says: P sends to an aggregate that it does not
};
PROCESS(command_as_a_step)
static steps later() { return deposit{}; }  // says: P takes a step that is not in P::events; commands go by annals::send, timers by annals::after
};
PROCESS(command_whose_target_is_forgotten)
static steps later() { return annals::command_to_send{annals::send<till>("1", withdraw{})}; }  // says: a step is one of P::events, or made
};

// A projection.
#define PROJECTION(name)          \
  struct name : projection {      \
    using projection::apply;      \
    using projection::answer;
#define PROJECT(name) \
  }                   \
  ;                   \
  void use_##name(annals::hosted_types& all) { all.project<name>(); }

PROJECTION(apply_of_a_stranger)
static void apply(model&, const stranger&, const record&) {}
PROJECT(apply_of_a_stranger)  // says: an overload of apply is never called: it takes no event of what P follows
PROJECTION(apply_of_a_changeable_event)
static void apply(model&, withdrawn&, const record&) {}
PROJECT(apply_of_a_changeable_event)  // says: another signature, never called: it is static void P::apply(P::model&, const E&
PROJECTION(apply_that_returns_something)
static bool apply(model&, const withdrawn&, const record&) { return true; }
PROJECT(apply_that_returns_something)  // says: another signature, never called: it is static void P::apply(P::model&, const E&
PROJECTION(effect_of_a_stranger)
static void effect(const deposited&, const record&) {}
static void effect(const stranger&, const record&) {}
PROJECT(effect_of_a_stranger)  // says: an overload of effect is never called: it takes no event of what P follows
PROJECTION(answer_of_a_stranger)
static std::int64_t answer(const model&, const stranger&) { return 0; }
PROJECT(answer_of_a_stranger)  // says: an overload of answer is never called: it takes none of P::queries
struct answer_with_a_changeable_model : projection_base {
  static void apply(model&, const deposited&, const record&) {}
  static std::int64_t answer(model&, const total&) { return 0; }
PROJECT(answer_with_a_changeable_model)  // says: missing overload: static ANSWER P::answer(const P::model&, const Q&)
struct answer_of_nothing : projection_base {
  static void apply(model&, const deposited&, const record&) {}
  static void answer(const model&, const total&) {}
PROJECT(answer_of_nothing)  // says: missing overload: static ANSWER P::answer(const P::model&, const Q&)
PROJECTION(merge_without_partitions)
static void merge(model&, model&&) {}
PROJECT(merge_without_partitions)  // says: merge is never called without: static constexpr std::size_t partitions
PROJECTION(merge_of_a_copy)
static constexpr std::size_t partitions = 2;
static void merge(model&, model) {}
PROJECT(merge_of_a_copy)  // says: missing: static void P::merge(P::model&, P::model&&), for P::partitions
PROJECTION(follows_an_event)
using follows = annals::types<deposited>;
PROJECT(follows_an_event)  // says: what P follows are aggregates or process managers, annals::types<...>
void read_an_aggregate(annals::runtime& rt) { (void)rt.read<account>([](auto&, annals::position) {}); }  // says: this is not a projection
void project_an_aggregate(annals::hosted_types& all) { all.project<account>(); }  // says: this is an aggregate or a process manager: host

// An aggregate, and what is taken for one.
#define ACCOUNT(name)                    \
  struct name : account_base<name> {     \
    static annals::decision<name> decide(const state&, const deposit&, const context&) { return annals::nothing; } \
    static void evolve(state&, const deposited&) {}
#define HOST(name) \
  }                \
  ;                \
  void use_##name(annals::hosted_types& all) { all.host<name>(); }

ACCOUNT(decide_of_a_stranger)
static void evolve(state&, const withdrawn&) {}
static annals::decision<decide_of_a_stranger> decide(const state&, const withdraw&, const context&) { return annals::nothing; }
HOST(decide_of_a_stranger)  // says: an overload of decide is never called: it takes none of A::commands
ACCOUNT(evolve_of_somebody_elses_event)
static void evolve(state&, const withdrawn&) {}
static void evolve(state&, const stranger&) {}
HOST(evolve_of_somebody_elses_event)  // says: an overload of evolve is never called: it takes none of A::events
ACCOUNT(evolve_that_is_not_static)
void evolve(state&, const withdrawn&) {}
HOST(evolve_that_is_not_static)  // says: missing overload: static void A::evolve(A::state&, const E&)
ACCOUNT(evolve_that_is_private)
private: static void evolve(state&, const withdrawn&) {}
HOST(evolve_that_is_private)  // says: private | missing overload
ACCOUNT(decision_for_a_stranger)
static annals::decision<decision_for_a_stranger> later() { return stranger{}; }  // says: a decision for what is not in A::events: add the event there
};
void host_a_projection(annals::hosted_types& all) { all.host<projection>(); }  // says: this is a projection: project it, do not host it
void host_a_process(annals::hosted_types& all) { all.host<right>(); }  // says: this is a process manager: orchestrate it, do not host it
void host_an_event(annals::hosted_types& all) { all.host<deposited>(); }  // says: an aggregate needs: static constexpr std::string_view category
void orchestrate_an_aggregate(annals::hosted_types& all) { all.orchestrate<account>(); }  // says: this is an aggregate: host it
void orchestrate_a_projection(annals::hosted_types& all) { all.orchestrate<projection>(); }  // says: this is a projection: project it
struct observes_an_event : right {
  using observes = annals::types<deposited>;
ORCHESTRATE(observes_an_event)  // says: what P observes are aggregates, annals::types<...>
