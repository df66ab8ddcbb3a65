// The table of a projection: the events it applies and the queries it answers, by name.
#pragma once

#include <annals/detail/tables.hpp>
#include <annals/projection.hpp>

#include <type_traits>

namespace annals::detail {

template <class P, class E>
concept applies = requires {
  static_cast<void (*)(typename P::model&, const E&, const record_view&)>(&P::apply);
};
template <class P, class Q>
concept answers = requires(const typename P::model& m, const Q& q) { P::answer(m, q); };

template <class P, class Q>
struct projection_needs_answer_for_query {
  static_assert(answers<P, Q>, "missing overload: static … P::answer(const P::model&, const Q&)");
};
template <class P, class... Qs>
consteval bool all_answered(types<Qs...>) {
  return (sizeof(projection_needs_answer_for_query<P, Qs>) && ... && true);
}

template <class P>
class projection_model final : public hosted_model {
public:
  result<void> apply(const record_view& record) override {
    try {
      return apply_of(typename P::follows{}, record);
    } catch (...) {
      return error{errc::projection_failed, "apply threw", current_exception_text(), 0, record.at};
    }
  }

  result<std::string> answer(std::string_view query, std::string_view body) const override {
    result<std::string> answered = error{errc::invalid_command, "unknown query", std::string{query}};
    try {
      with_named(typename P::queries{}, query, [&]<class Q>() { answered = answer_to<Q>(body); });
    } catch (...) {
      return error{errc::projection_failed, "answer threw", std::string{query} + ": " + current_exception_text()};
    }
    return answered;
  }

  const void* model() const override { return &model_; }
  /// The model itself; nothing is left behind.
  typename P::model taken() && { return std::move(model_); }

private:
  template <class... As>
  result<void> apply_of(types<As...>, const record_view& record) {
    result<void> done;
    const auto category = record.category();
    (void)((category == As::category && (done = apply_event<As>(record), true)) || ...);
    return done;
  }

  template <class A>
  result<void> apply_event(const record_view& record) {
    result<void> done;
    const bool known = with_named(typename A::events{}, record.type, [&]<class E>() {
      if constexpr (applies<P, E>) {
        auto event = decoded_event<E>(record);
        if (!event)
          done = std::move(event).error();
        else
          P::apply(model_, *event, record);
      }
    });
    if (!known) return unknown_type(record);
    return done;
  }

  template <class Q>
  result<std::string> answer_to(std::string_view body) const {
    const auto query = decoded<Q>(body);
    if (!query) return error{errc::invalid_command, std::string{Q::about.name}, query.error().message()};
    std::string bytes;
    encoder out{bytes};
    put_value(out, P::answer(model_, *query));
    return bytes;
  }

  typename P::model model_{};
};

/// An answer as projection_model encoded it.
template <class Answer>
result<Answer> decoded_answer(std::string_view bytes) {
  thread_local document parsed;
  auto root = parsed.parse(bytes);
  if (!root) return std::move(root).error();
  Answer answer{};
  if (auto ok = get_value(*root, answer); !ok) return std::move(ok).error();
  return answer;
}

template <class P>
projection_table table_of_projection() {
  static_assert(names_are_unique(typename P::queries{}), "two queries of a projection have one stored name");
  static_assert(all_answered<P>(typename P::queries{}));
  return {P::name, []() -> std::unique_ptr<hosted_model> { return std::make_unique<projection_model<P>>(); }};
}

}  // namespace annals::detail
