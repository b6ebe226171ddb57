// What the status codes of HailoRT mean for us: one table.
//
// Knows the numbers only, so that it is the same for every HailoRT version, and an unknown number
// from a newer chip server has an entry as well. The raw number belongs into every log line and
// message.
#pragma once

#include <string>
#include <string_view>

#include <npu/result.hpp>

namespace npu::device::hailort {

// hailo_status. 0 is success.
using RawStatus = int;

// What was being done: some numbers mean different things.
enum class Operation {
  kConnect,     // scan, VDevice, Device
  kLoadTensor,  // create_infer_model, configure
  kLoadText,    // LLM and VLM create
  kLoadSpeech,  // Speech2Text create
  kRun,         // run_async and its completion; generate, read, transcribe
  kReadings,    // temperature, health, performance
};

enum class StatusClass {
  kSuccess,
  kEvict,            // no memory, or perhaps: drop the group, load again once
  kBusy,             // held by another group or process, or the KV cache is taken: try again later
  kLost,             // reopen everything
  kNotThereYet,      // no device, no node that may be opened, or its server is not up: wait for it
  kVersionMismatch,  // driver, library and firmware differ: trying again is of no use
  kCallerError,      // the request or the file is wrong
  kEnded,            // shut down or aborted on purpose
  kAmbiguous,        // a time-out: ask the device by another way
};

// detail: text that came with the status, if any; "core-ops" in it tells the bound of 26 from other
// invalid operations. An unknown number is kAmbiguous.
inline constexpr std::string_view kPerhapsCoreOps =
    "perhaps the device has all the core-ops that it takes, 26";
StatusClass classify(RawStatus status, Operation operation, std::string_view detail = {});

std::string_view name_of(StatusClass status_class);
// "HAILO_TIMEOUT", or "HAILO_STATUS_1234".
std::string status_name(RawStatus status);

// The error to report: code by class, message "<what>: <NAME> (<number>)" with the detail, and with
// what to do about it where that is known. kDoesNotFit with retry_after: perhaps it does not, the
// device did not say what was wrong.
Error to_error(RawStatus status, Operation operation, std::string_view what,
               std::string_view detail = {});

}  // namespace npu::device::hailort
