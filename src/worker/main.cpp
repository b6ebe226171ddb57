// hailo-device-worker: one lane's models behind the link to the manager.

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include <sys/prctl.h>
#include <unistd.h>

#include "base/lane.hpp"
#include "base/log.hpp"
#include "base/sanitized.hpp"
#include "base/version.hpp"
#include "confine/confine.hpp"
#include "worker/model_host.hpp"
#include "worker/options.hpp"
#include "worker/worker_threads.hpp"

namespace npu::worker {
namespace {

constexpr unsigned long kTimerSlackNs = 1000;
constexpr unsigned kSecondsToEnd = 5;

// The manager alone decides when a worker ends: by closing the link, or with SIGKILL. A signal to
// the whole group (systemd, a terminal) must not end running work.
void leave_ending_to_the_manager() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_TIMERSLACK, kTimerSlackNs);  // the simulated device waits milliseconds
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(signal, SIG_IGN);
}

// Inferences that are under way and the destructors of a device may never come to an end.
void bound_the_end() {
  std::signal(SIGALRM, [](int) { ::_exit(EXIT_FAILURE); });
  ::alarm(kSecondsToEnd);
}

void on_end(const Status& why) {
  if (!why) log::error("{}", why.error().message);
  if (!why && why.error().code == ErrorCode::kDeviceLost) ::_exit(EXIT_FAILURE);
  bound_the_end();
}

confine::Rules rules_for(const device::Adapter& adapter, const Options& options) {
  confine::Rules rules = adapter.needs(options.open);
  if (options.also_opens.empty()) return rules;
  rules.opens_files = true;
  rules.write.insert(rules.write.end(), options.also_opens.begin(), options.also_opens.end());
  return rules;
}

// `how` gets what DeviceInfo::confinement is to say.
Result<std::unique_ptr<device::Device>> open_confined(const Options& options, std::string& how) {
  const auto adapter = device::find_adapter(options.device, options.open);
  if (!adapter) return fail(adapter.error());
  if (!options.confine || kSanitized) {
    how = options.confine ? "nothing: built with a sanitizer" : "nothing: worker.confine is off";
    return (*adapter)->open(options.open);
  }
  const confine::Rules rules = rules_for(**adapter, options);
  const auto files = confine::restrict_files(rules);
  auto device = (*adapter)->open(options.open);
  if (!device) return device;
  how = confine::describe(files, confine::restrict_process(rules, options.last_words_fd));
  return device;
}

int serve(const Options& options) {
  Link link(UniqueFd(options.link_fd));
  std::unique_lock turn(link.turn());
  std::string confinement;
  auto device = open_confined(options, confinement);
  if (!device) {
    log::error("{}", device.error().message);
    link.send(wire::report::Failed{device.error()});
    return EXIT_FAILURE;
  }
  device::DeviceInfo info = (*device)->info();
  info.confinement = confinement;
  info.runs_at_once = options.lane == name_of(Lane::kVision) ? std::max(1, info.runs_at_once) : 1;
  link.send(wire::report::Ready{version(), info});
  turn.unlock();
  ModelHost host(link, **device, options.context_bytes);
  WorkerThreads threads(
      link, [&host](const wire::ReceivedOrder& message) { return host.handle(message); }, on_end);
  return threads.serve(info.runs_at_once) ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace npu::worker

int main(int argc, char** argv) try {
  npu::worker::Options options;
  if (const auto status = npu::worker::parse_options(argc, argv, options)) return *status;
  npu::worker::leave_ending_to_the_manager();
  npu::log::init("hailo-device-worker " + options.lane, options.log_level);
  return npu::worker::serve(options);
} catch (const std::exception& error) {
  npu::log::error("{}", error.what());
  return EXIT_FAILURE;
}
