"""check.py SOURCE COMPILER FLAGS…: the source compiles, and with each mistake it does not, for the reason that is wanted."""
import concurrent.futures
import subprocess
import sys

# What the compiler has to name: the aggregate, the type, and what is missing.
MISTAKES = {
    "NO_DECIDE": ["account", "withdraw", "missing overload: static annals::decision<A> A::decide"],
    "DECIDE_OF_ANOTHER_TYPE": ["account", "withdraw", "missing overload: static annals::decision<A> A::decide"],
    "DECIDE_OF_A_BASE": ["account", "withdraw", "missing overload: static annals::decision<A> A::decide"],
    "EVENT_OF_SOMEBODY_ELSE": ["account", "deposit"],
    "NO_EVOLVE": ["account", "money_withdrawn", "missing overload: static void A::evolve"],
    "EVOLVE_OF_A_COPY": ["account", "money_withdrawn", "missing overload: static void A::evolve"],
    "COMMAND_NAMED_TWICE": ["account", "two commands of an aggregate have the same stored name"],
    "EVENT_NAMED_TWICE": ["account", "two events of an aggregate have the same stored name"],
    "OLD_FORM_OF_ANOTHER_NAME": ["account", "money_deposited", "an event and its old form have the same stored name"],
    "OLD_FORM_OF_THE_SAME_SCHEMA": ["account", "money_deposited", "an old form of an event has a lower schema version"],
    "OLD_FORM_BELOW_THE_OLDER_ONE": ["account", "money_deposited_v2", "an old form of an event has a lower schema version"],
    "NO_UPCAST": ["account", "money_deposited_v2", "missing overload: static E E::upcast"],
    "UPCAST_OF_ANOTHER_TYPE": ["account", "money_deposited_v2", "missing overload: static E E::upcast"],
    "UPCAST_WITHOUT_AN_OLD_FORM": ["account", "money_deposited_v2", "an event with an upcast needs: using before"],
    "FORMER_NAME_OF_AN_OLD_FORM": ["account", "money_deposited", "former names of an event stand in its newest form"],
    "FORMER_NAME_OF_ANOTHER_EVENT": ["account", "two events of an aggregate have the same stored name, present or former"],
    "FORMER_NAME_TWICE": ["account", "two events of an aggregate have the same stored name, present or former"],
    "NO_APPLY": ["balances", "no event of what it follows has an overload: static void P::apply"],
    "APPLY_WITHOUT_A_RECORD": ["balances", "money_deposited", "another signature, never called: it is static void P::apply"],
    "APPLY_OF_A_COPY_OF_THE_EVENT": ["balances", "money_deposited", "another signature, never called: it is static void P::apply"],
    "APPLY_TO_A_COPY_OF_THE_MODEL": ["balances", "money_deposited", "another signature, never called: it is static void P::apply"],
    "APPLY_OF_ONE_WITHOUT_A_RECORD": ["balances", "money_withdrawn", "another signature, never called: it is static void P::apply"],
    "APPLY_OF_NO_EVENT_IT_FOLLOWS": ["balances", "no event of what it follows has an overload: static void P::apply"],
    "APPLY_THAT_IS_NOT_STATIC": ["balances", "no event of what it follows has an overload: static void P::apply"],
    "EFFECT_WITHOUT_A_RECORD": ["balances", "money_deposited", "another signature, never called: it is static void P::effect"],
    "EFFECT_WITH_THE_MODEL": ["balances", "money_deposited", "another signature, never called: it is static void P::effect"],
    "EFFECT_OF_ONE_OF_A_COPY": ["balances", "money_withdrawn", "another signature, never called: it is static void P::effect"],
    "EFFECT_OF_NO_EVENT_IT_FOLLOWS": ["balances", "no event of what it follows has an overload: static void P::effect"],
    "NO_ANSWER": ["balances", "balance_of", "missing overload: static"],
    "NO_ON_FOR_EVENT": ["watching", "money_deposited", "missing overload: static"],
    "NO_ON_FOR_TIMER": ["watching", "overdue", "missing overload: static"],
    "NO_EVOLVE_OF_PROCESS": ["watching", "watched", "missing overload: static void A::evolve"],
    "CASE_70_EVENT_NAMED_AS_THE_RUNTIMES": ["watching", "is the runtime's", "annals."],
    "CASE_70_FORMER_NAME_AS_THE_RUNTIMES": ["watching", "is the runtime's", "annals."],
    "COMMAND_OF_SOMEBODY_ELSE": ["account", "money_deposited"],
    "QUERY_OF_SOMEBODY_ELSE": ["balances", "deposit"],
    "FIELD_THAT_CANNOT_BE_STORED": ["const char*", "a field of this type cannot be stored"],
    "TOKEN_OF_A_QUERY": ["since"],
}


def compile_with(command, mistake):
    define = [f"-D{mistake}"] if mistake else []
    return mistake, subprocess.run([*command, *define], capture_output=True, text=True, timeout=300)


def main():
    source, *compiler = sys.argv[1:]
    command = [*compiler, "-fsyntax-only", source]
    wrong = []
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for mistake, done in pool.map(lambda m: compile_with(command, m), [None, *MISTAKES]):
            if mistake is None:
                if done.returncode != 0:
                    wrong.append("without a mistake it does not compile:\n" + done.stderr)
            elif done.returncode == 0:
                wrong.append(f"{mistake} compiles")
            else:
                wrong += [f"{mistake}: the compiler does not say «{text}»:\n{done.stderr[:3000]}"
                          for text in MISTAKES[mistake] if text not in done.stderr]
    print("\n".join(wrong) or f"{len(MISTAKES)} mistakes are refused")
    return 1 if wrong else 0


sys.exit(main())
