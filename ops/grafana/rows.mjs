// What the board shows, from the first question of an operator to the last.
import {
  bars, byOutcome, heatmap, increase, lines, mean, names, of, ofCommands, ofEvents, ofQueries, quantile, rate, stat, states,
} from "./panels.mjs";

const follower = "{{kind}} {{name}}";
/** The most of all chosen instances, for each follower. */
const worst = (metric) => `max by (kind, name) (${of(metric)})`;
const p50AndP99 = (histogram) => [
  [quantile(0.99, histogram), "99 of 100"],
  [quantile(0.5, histogram), "half"],
  [mean(histogram), "mean"],
];

const isItWell = [
  stat("Runtime", "Whether the runtime works; it stops when its log has failed.", "none", `min(${of("annals_up")})`,
    { texts: { 0: ["stopped", "red"], 1: ["works", "green"] } }),
  stat("Log", "Whether the log has space; without space commands are answered storage_full.", "none", `max(${of("annals_log_full")})`,
    { texts: { 0: ["has space", "green"], 1: ["full", "red"] } }),
  stat("Alerts", "Alerts of annals that fire now; it stays 0 if the alert rules are not loaded.", "none",
    `count(${of("ALERTS", 'alertname=~"Annals.+",alertstate="firing"')}) or vector(0)`, { steps: [[1, "orange"]], graph: false }),
  stat("Stopped", "Projections, process managers and subscriptions that have stopped at an event.", "none",
    `sum(${of("annals_follower_stopped")})`, { steps: [[1, "red"]] }),
  stat("Parked", "Events that nobody could handle and that wait for a decision.", "short", `sum(${of("annals_parked_events")})`,
    { steps: [[1, "orange"], [1000, "red"]] }),
  stat("Parked in the last hour", "How many events were parked within the last hour: the growth of the dead letters.", "short",
    `sum(increase(${of("annals_parked_total")}[1h]))`, { steps: [[1, "orange"], [100, "red"]] }),
  stat("Commands answered", "Commands that are answered in a second, with any outcome.", "cps", `sum(${rate("annals_commands_total")})`),
  stat("Slow commands", "99 of 100 commands have their durable answer within this time.", "s",
    quantile(0.99, "annals_command_duration_seconds"), { steps: [[0.25, "orange"], [2, "red"]] }),
  stat("Events behind", "How many events the follower that is farthest behind still has before it.", "short",
    `max(${of("annals_follower_lag_events")})`, { steps: [[10000, "orange"], [1000000, "red"]] }),
  stat("Seconds behind", "How old the answers of the follower that is farthest behind are, in the time of the log.", "s",
    `max(${of("annals_follower_lag_seconds")})`, { steps: [[10, "orange"], [300, "red"]] }),
  stat("In flight", "Requests in flight, as a share of the limit; at the limit one more is answered overloaded.", "percentunit",
    `max(${of("annals_commands_in_flight")} / ${of("annals_commands_in_flight_limit")})`, { steps: [[0.5, "orange"], [0.8, "red"]] }),
  stat("Disk free", "What is free on the fullest disk of a store.", "bytes", `min(${of("annals_disk_free_bytes")})`),
];

const commands = [
  byOutcome("Commands by outcome", "Commands that are answered in a second, of hosts and of process managers.", "cps",
    `sum by (outcome) (${rate("annals_commands_total")})`, ofCommands, { width: 12 }),
  lines("Time to the durable answer", "From send() to the answer; what is refused at once is not in it.", "s",
    p50AndP99("annals_command_duration_seconds"), { width: 12 }),
  byOutcome("Refused, failed or unknown", "Commands whose answer is neither a receipt nor the domain's decision.", "cps",
    `sum by (outcome) (${rate("annals_commands_total", 'outcome!~"accepted|rejected|conflict|id_reused"')})`, ofCommands),
  lines("Commands by category", "Which aggregates get the commands.", "cps",
    [[`sum by (category) (${rate("annals_commands_total", 'category!=""')})`, "{{category}}"]]),
  lines("Slow commands by category", "99 of 100 commands of each category have their answer within this time.", "s",
    [[quantile(0.99, "annals_command_duration_seconds", "category"), "{{category}}"]]),
  heatmap("Times to the durable answer", "How many commands took how long.", "s", "annals_command_duration_seconds", 12),
  lines("Requests in flight", "Requests that wait for their answers, as a share of the limit.", "percentunit",
    [[`max by (instance) (${of("annals_commands_in_flight")} / ${of("annals_commands_in_flight_limit")})`, "{{instance}}"]],
    { steps: [[0.8, "red"]], max: 1, width: 12 }),
];

const logAndDisk = [
  lines("Events written", "Events that are written to the log in a second.", "eps",
    [[`sum by (instance) (${rate("annals_log_events_total")})`, "{{instance}}"]]),
  lines("Bytes written", "Bytes of these events, with their envelopes.", "binBps",
    [[`sum by (instance) (${rate("annals_log_bytes_total")})`, "{{instance}}"]]),
  lines("Commits", "Synced writes of a batch in a second.", "cps",
    [[`sum by (instance) (${rate("annals_log_commits_total")})`, "{{instance}}"]]),
  lines("Time of a commit", "One synced write of a batch; every command waits for one.", "s", p50AndP99("annals_log_commit_duration_seconds")),
  lines("Events in a batch", "How many events share one synced write.", "short", p50AndP99("annals_log_commit_events")),
  lines("Time until readable", "One commit to LMDB, after which readers see the events.", "s", p50AndP99("annals_log_drain_duration_seconds")),
  lines("Durable and not readable yet", "Events that are safe but not in LMDB yet; read models follow what is readable.", "short",
    [[`${of("annals_log_durable_position")} - ${of("annals_log_readable_position")}`, "{{instance}}"]]),
  lines("Not in the index yet", "Events that the stream index on disk lacks, as a share of the limit.", "percentunit",
    [[`${of("annals_index_tail_records")} / ${of("annals_index_tail_records_limit")}`, "{{instance}}"]], { steps: [[0.5, "red"]], max: 1 }),
  lines("Age of the last checkpoint", "Since when the stream index and the checkpoints have not been written.", "s",
    [[`time() - ${of("annals_checkpoint_timestamp_seconds")}`, "{{instance}}"]], { steps: [[600, "red"]] }),
  lines("Files", "Sizes of the log, the write-ahead log (front), derived state and images.", "bytes",
    [[`sum by (part) (${of("annals_store_bytes")})`, "{{part}}"]], { stacked: true }),
  lines("Free space by disk", "What an ordinary user may still write to the file systems of the store.", "bytes",
    [[`min by (instance, env) (${of("annals_disk_free_bytes")})`, "{{instance}} {{env}}"]]),
  lines("Pages in use", "The share of LMDB's pages that are in use; the others are free for the next commits.", "percentunit",
    [[`${of("annals_lmdb_pages", 'state="used"')} / on (job, instance, env) sum by (job, instance, env) (${of("annals_lmdb_pages")}) >= 0`,
      "{{instance}} {{env}}"]], { max: 1 }),
  lines("Address space", "The size of LMDB's file as a share of the reserved address space, which it cannot outgrow.", "percentunit",
    ["log", "derived"].map((part) => [
      `${of("annals_store_bytes", `part="${part}"`)} / on (job, instance) ${of("annals_lmdb_map_bytes", `env="${part}"`)} >= 0`,
      `{{instance}} ${part}`]), { steps: [[0.9, "red"]], max: 1 }),
  lines("Oldest snapshot", "How many commits the oldest snapshot that is being read is behind; its pages cannot be reused.", "short",
    [[`max by (instance, env) (${of("annals_lmdb_oldest_reader_transactions")})`, "{{instance}} {{env}}"]]),
  lines("Reader slots", "Slots of LMDB's reader table in use, as a share of all.", "percentunit",
    [[`${of("annals_lmdb_readers")} / ${of("annals_lmdb_readers_limit")} >= 0`, "{{instance}} {{env}}"]], { steps: [[0.8, "red"]], max: 1 }),
];

const followersAndLag = [
  lines("Events behind by follower", "Consumer lag: durable events that the follower has still before it.", "short",
    [[worst("annals_follower_lag_events"), follower]], { width: 12 }),
  lines("Seconds behind by follower", "Processing lag: the time between the newest event and the last one that the follower is done with.", "s",
    [[worst("annals_follower_lag_seconds"), follower]], { width: 12 }),
  states("State", "Whether a follower is ready, still catches up after its start, or has stopped at an event.",
    [[`min by (kind, name) (${of("annals_follower_ready")} - 2 * ${of("annals_follower_stopped")})`, follower]],
    { "-2": ["stopped", "red"], "-1": ["stopped", "red"], 0: ["catches up", "yellow"], 1: ["ready", "green"] }),
  lines("Events done", "Events that each follower applies, passes over or parks in a second.", "eps",
    [[`sum by (kind, name) (${rate("annals_follower_events_total")})`, follower]]),
  byOutcome("Events by outcome", "What followers do with their events: apply, pass over or park them.", "eps",
    `sum by (outcome) (${rate("annals_follower_events_total")})`, ofEvents),
  lines("Slow batches", "99 of 100 batches are read and handled within this time.", "s",
    [[quantile(0.99, "annals_follower_batch_duration_seconds", "kind", "name"), follower]]),
  lines("Failed attempts", "Attempts to handle an event that fail in a second; after the last one the event is parked.", "cps",
    [[`sum by (kind, name) (${rate("annals_follower_attempts_failed_total")})`, follower]]),
  lines("Position", "How far each follower is in the log; lines that stay together are well.", "short",
    [[worst("annals_follower_position"), follower], [`max(${of("annals_log_durable_position")})`, "log"]]),
];

const parked = [
  lines("Parked now", "Events that are parked now; each waits for a retry or a skip.", "short", [[worst("annals_parked_events"), follower]]),
  lines("Share of the limit", "Parked events as a share of what the follower may park; beyond the limit it stops.", "percentunit",
    [[`max by (kind, name) (${of("annals_parked_events")} / ${of("annals_parked_limit")}) >= 0`, follower]], { steps: [[0.8, "red"]], max: 1 }),
  lines("Age of the oldest", "How long the oldest parked event has been parked; 0 if nothing is parked.", "s",
    [[`max by (kind, name) ((time() - ${of("annals_parked_oldest_timestamp_seconds")}) * ` +
      `(${of("annals_parked_oldest_timestamp_seconds")} > bool 0))`, follower]]),
  lines("Newly parked", "Growth of the dead letters: events that were parked, for each step of the graph.", "short",
    [[`sum by (kind, name) (${increase("annals_parked_total")})`, follower]], { width: 12 }),
  lines("Resolved", "Parked events that were retried with success or skipped, for each step of the graph.", "short",
    [[`sum by (how) (${increase("annals_parked_resolved_total")})`, "{{how}}"]], { width: 12 }),
];

const processesAndSubscriptions = [
  lines("Commands without an answer", "Commands of process managers that have no answer yet.", "short",
    [[`sum by (category) (${of("annals_process_commands_open")})`, "{{category}}"]], { width: 6 }),
  lines("Timers", "Timers that are set and have not fired.", "short",
    [[`sum by (category) (${of("annals_process_timers")})`, "{{category}}"]], { width: 6 }),
  lines("Late timers", "99 of 100 timers are observed within this time after they were due.", "s",
    [[quantile(0.99, "annals_process_timer_lateness_seconds", "category"), "{{category}}"]], { width: 6 }),
  lines("Blocked instances", "Instances of process managers that a parked event blocks.", "short",
    [[`sum by (category) (${of("annals_process_stuck")})`, "{{category}}"]], { width: 6 }),
  lines("Members", "Members of each subscription; without one its events wait.", "short",
    [[`sum by (name) (${of("annals_subscription_members")})`, "{{name}}"]]),
  lines("Events with members", "Events that members of a subscription hold and have not acknowledged.", "short",
    [[`sum by (name) (${of("annals_subscription_in_flight_events")})`, "{{name}}"]]),
  lines("Not acknowledged in time", "Events that members of a subscription did not acknowledge in time, in a second.", "cps",
    [[`sum by (name) (${rate("annals_subscription_ack_timeouts_total")})`, "{{name}}"]]),
];

const queries = [
  byOutcome("Queries by outcome", "Queries that are answered in a second; direct reads are not counted.", "cps",
    `sum by (outcome) (${rate("annals_queries_total")})`, ofQueries),
  lines("Queries by projection", "Which read models are asked.", "cps",
    [[`sum by (projection) (${rate("annals_queries_total")})`, "{{projection}}"]]),
  lines("Slow queries", "99 of 100 queries have their answer within this time, with the wait for a token.", "s",
    [[quantile(0.99, "annals_query_duration_seconds", "projection"), "{{projection}}"]]),
];

const aggregates = [
  lines("In memory", "Aggregates in memory, as a share of the limit; beyond it those not used lately leave.", "percentunit",
    [[`${of("annals_aggregates_resident")} / ${of("annals_aggregates_resident_limit")}`, "{{instance}}"]], { max: 1 }),
  lines("Number in memory", "Aggregates in memory.", "short", [[`sum by (instance) (${of("annals_aggregates_resident")})`, "{{instance}}"]]),
  lines("Memory", "Estimated memory of the aggregates.", "bytes", [[`sum by (instance) (${of("annals_aggregate_bytes")})`, "{{instance}}"]]),
  lines("Loads", "Aggregates that are loaded in a second, from a snapshot or from all their events.", "cps",
    [[`sum by (category, source) (${rate("annals_aggregate_loads_total")})`, "{{category}} from {{source}}"]], { width: 6 }),
  lines("Slow loads", "99 of 100 aggregates are loaded within this time, with the wait for their turn.", "s",
    [[quantile(0.99, "annals_aggregate_load_duration_seconds", "category"), "{{category}}"]], { width: 6 }),
  lines("Passivations", "Aggregates that leave memory in a second: unused for long, too many, or too large together.", "cps",
    [[`sum by (reason) (${rate("annals_aggregate_passivations_total")})`, "{{reason}}"]], { width: 6 }),
  lines("Snapshots", "Snapshots of aggregates that are written in a second.", "cps",
    [[`sum by (category) (${rate("annals_snapshots_total")})`, "{{category}}"]], { width: 6 }),
];

const startRebuildAndImages = [
  names("Version", "The version of annals and of the format on disk.", of("annals_build_info"), "{{version}}, format {{format}}"),
  bars("Open for", "How long ago the store was opened.", "s", [[`time() - ${of("annals_start_time_seconds")}`, "{{instance}}"]]),
  bars("Last start", "How long each part of the last start took.", "s",
    [[`max by (phase) (${of("annals_start_duration_seconds")})`, "{{phase}}"]]),
  lines("Progress of a rebuild", "How far a rebuild has come on its way to the head; 0 if there is none.", "percentunit",
    [[`max by (name) (${of("annals_rebuild_position")} / clamp_min(${of("annals_rebuild_target_position")}, 1))`, "{{name}}"]],
    { max: 1, width: 12 }),
  bars("Last rebuild", "Replay duration: how long the last rebuild of each model took; 0 if there was none.", "s",
    [[`max by (name) (${of("annals_rebuild_last_duration_seconds")})`, "{{name}}"]], { width: 12 }),
  lines("Events after the image", "What the next start has to replay: the events that the newest image does not have.", "short",
    [[`max by (name) (${of("annals_log_durable_position")} - on (job, instance) group_right () ${of("annals_image_position")})`, "{{name}}"]]),
  bars("Size of the image", "The size of the last image that this runtime has written.", "bytes",
    [[`max by (name) (${of("annals_image_bytes")})`, "{{name}}"]]),
  bars("Time for an image", "How long making the last image took, with its pauses.", "s",
    [[`max by (name) (${of("annals_image_last_duration_seconds")})`, "{{name}}"]]),
];

const processAndNodes = [
  lines("Processor", "Processors that the process uses.", "short", [[rate("process_cpu_seconds_total"), "{{instance}}"]]),
  lines("Memory of the process", "Memory in use, with the pages of files that are mapped.", "bytes",
    [[of("process_resident_memory_bytes"), "{{instance}}"]]),
  lines("Open files", "Open files and sockets, as a share of what the process may open.", "percentunit",
    [[`${of("process_open_fds")} / ${of("process_max_fds")}`, "{{instance}}"]], { steps: [[0.8, "red"]], max: 1 }),
  lines("Links not let in", "Links of other nodes that were refused or closed, in a second.", "cps",
    [[`sum by (reason) (${rate("annals_auth_failures_total")})`, "{{reason}}"]], { width: 12 }),
  lines("Calls denied", "Calls of other nodes that lacked a right, in a second.", "cps",
    [[`sum by (right) (${rate("annals_access_denied_total")})`, "{{right}}"]], { width: 12 }),
];

/** The rows that are open show whether all is well. The others are for a closer look. */
export const rows = [
  { title: "Is it well", panels: isItWell, open: true },
  { title: "Commands", panels: commands, open: true },
  { title: "Log and disk", panels: logAndDisk },
  { title: "Followers and lag", panels: followersAndLag, open: true },
  { title: "Parked events", panels: parked },
  { title: "Process managers and subscriptions", panels: processesAndSubscriptions },
  { title: "Queries", panels: queries },
  { title: "Aggregates", panels: aggregates },
  { title: "Start, rebuild and images", panels: startRebuildAndImages },
  { title: "The process and other nodes", panels: processAndNodes },
];
