// Builds the table of a projection: the events it applies and the queries it answers, by name.
#pragma once

#include <annals/detail/event_shape.hpp>
#include <annals/detail/projection_overloads.hpp>
#include <annals/projection.hpp>

#include <type_traits>

namespace annals::detail {

/// Applies one record of the log to a model. Returns whether the projection follows it; if not, nothing changes. An exception of `apply`
/// becomes projection_failed with the record's position.
template <class P>
result<bool> apply_record(typename P::model& model, const record_view& record) {
  static_assert(projected_type<P>::is_one && sizeof(projection_with_overloads<P>) > 0);
  try {
    bool follows = false;
    auto read = read_event_of_any(typename P::follows{}, record,
                                  [&]<class E>(const E& event)
                                    requires applies<P, E>
                                  {
                                    follows = true;
                                    P::apply(model, event, record);
                                  });
    if (!read) return std::move(read).error();
    return follows;
  } catch (...) {
    return error{errc::projection_failed, "apply threw", current_exception_text(), 0, record.at};
  }
}

template <class P>
class projection_model final : public hosted_model {
public:
  result<bool> apply(const record_view& record) override { return apply_record<P>(model_, record); }

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
  /// Moves the model out.
  typename P::model taken() && { return std::move(model_); }

  result<void> merge([[maybe_unused]] hosted_model& part) override {
    if constexpr (is_partitioned<P>) try {
        P::merge(model_, std::move(static_cast<projection_model&>(part).model_));
      } catch (...) {
        return error{errc::projection_failed, "merge threw", current_exception_text()};
      }
    return {};
  }

  result<void> effect([[maybe_unused]] const record_view& record) override {
    if constexpr (has_effects<P>(typename P::follows{})) try {
        return read_event_of_any(typename P::follows{}, record,
                                 [&]<class E>(const E& event)
                                   requires affects<P, E>
                                 { P::effect(event, record); });
      } catch (...) {
        return error{errc::projection_failed, "effect threw", current_exception_text(), 0, record.at};
      }
    return {};
  }

  bool has_effect(const record_view& record) const override { return has_effect_of(typename P::follows{}, record); }

  std::string saved() const override {
    if constexpr (described<typename P::model>)
      return encoded(model_);
    else
      return {};
  }

  result<void> restore(std::string_view bytes) override {
    if constexpr (described<typename P::model>) {
      auto read = decoded<typename P::model>(bytes);
      if (!read) return std::move(read).error();
      model_ = std::move(*read);
    }
    return {};
  }

private:
  template <class... As>
  static bool has_effect_of(types<As...>, const record_view& record) {
    const auto category = record.category();
    return ((category == As::category && is_named_in(typename As::events{}, record.type)) || ...);
  }
  template <class... Es>
  static bool is_named_in(types<Es...>, std::string_view type) {
    return ((affects<P, Es> && (type == Es::about.name || was_named<Es>(type))) || ... || false);
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

/// Decodes an answer that projection_model encoded.
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
constexpr std::size_t partitions_of() {
  if constexpr (is_partitioned<P>)
    return P::partitions;
  else
    return 1;
}

/// Adds the names of all events, and the forms of those that the projection applies.
template <class P, class... Es>
constexpr void add_applied(shape_hash& to, types<Es...>) {
  const auto add = [&]<class E>() {
    add_names<E>(to);
    if constexpr (applies<P, E>) add_forms<E>(to);  // other events are not decoded
  };
  (add.template operator()<Es>(), ...);
}
template <class P, class... As>
constexpr void add_followed(shape_hash& to, types<As...>) {
  ((to.add("of"), to.add(As::category), add_applied<P>(to, typename As::events{})), ...);
}

/// Schema hash of the model, of `P::version` (1 if there is none) and of the events folded into the model; 0 if the model is not
/// described. A start ignores an image with another hash.
template <class P>
constexpr std::uint64_t shape_of_projection() {
  if constexpr (!described<typename P::model>)
    return 0;
  else {
    shape_hash made;
    add_shape<typename P::model>(made, shape_depth_max);
    if constexpr (requires { P::version; })
      made.add_number(P::version);
    else
      made.add_number(1);
    add_followed<P>(made, typename P::follows{});
    return made.value() | 1;
  }
}

template <class P>
projection_table table_of_projection() {
  if constexpr (projected_type<P>::is_one) {
    static_assert(sizeof(projection_with_overloads<P>) > 0);
    static_assert(names_are_unique(typename P::queries{}), "two queries of a projection have the same stored name");
    static_assert(all_answered<P>(typename P::queries{}));
    static_assert(!has_overload_beside<answer_hook, P, all_of<typename P::queries>>(),
                  "an overload of answer is never called: it takes none of P::queries; add the query there, or give a helper another name");
    static_assert(!is_partitioned<P> || merges<P>, "missing: static void P::merge(P::model&, P::model&&), for P::partitions");
    static_assert(is_partitioned<P> || std::is_final_v<P> || !merge_hook::is_named<P>(),
                  "merge is never called without: static constexpr std::size_t partitions");
    static_assert(partitions_of<P>() >= 1 && partitions_of<P>() <= 64, "a projection has 1 to 64 partitions");
    static_assert(policy_of<P>().attempts > 0, "an event is tried at least once");
    return {P::name,
            []() -> std::unique_ptr<hosted_model> { return std::make_unique<projection_model<P>>(); },
            shape_of_projection<P>(),
            policy_of<P>(),
            partitions_of<P>(),
            has_effects<P>(typename P::follows{}),
            shown<typename P::model>()};
  }
}

}  // namespace annals::detail
