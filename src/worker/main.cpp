// hailo-device-worker: one lane's models behind the link to the manager.

#include <csignal>
#include <cstdlib>

#include <sys/prctl.h>

#include "base/log.hpp"
#include "worker/engine.hpp"
#include "worker/messages.hpp"
#include "worker/options.hpp"

namespace npu::worker {
namespace {

constexpr unsigned long kTimerSlackNs = 1000;

// The manager alone decides when a worker ends: by closing the link, or with SIGKILL. A signal to
// the whole group (systemd, a terminal) must not end running work.
void leave_ending_to_the_manager() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_TIMERSLACK, kTimerSlackNs);  // the simulated device waits milliseconds
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(signal, SIG_IGN);
}

int serve(const Options& options) {
  Link link(UniqueFd(options.link_fd));
  auto device = device::open_device(options.device, options.open);
  if (!device) {
    log::error("{}", device.error().message);
    link.send(failed_message(device.error()));
    return EXIT_FAILURE;
  }
  link.send(ready_message((*device)->info()));
  Engine engine(link, **device);
  for (;;) {
    const auto message = link.next();
    if (!message) {
      log::error("{}", message.error().message);
      return EXIT_FAILURE;
    }
    if (!*message) return EXIT_SUCCESS;
    if (auto ok = engine.handle(**message); !ok) {
      log::error("{}", ok.error().message);
      return EXIT_FAILURE;
    }
  }
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
