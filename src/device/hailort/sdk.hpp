// HailoRT's headers and how their types become ours.
//
// The library's namespace is ::hailort; inside npu::device::hailort it is written sdk.
#pragma once

#include <hailo/device.hpp>
#include <hailo/expected.hpp>
#include <hailo/hailort.h>
#include <hailo/hef.hpp>
#include <hailo/infer_model.hpp>
#include <hailo/vdevice.hpp>
#ifdef NPU_HAILORT_GENAI
#include <hailo/genai/llm/llm.hpp>
#include <hailo/genai/speech2text/speech2text.hpp>
#include <hailo/genai/vlm/vlm.hpp>
#endif

#include <string>

#include "device/hailort/plugin_head.hpp"

namespace npu::device::hailort {

namespace sdk = ::hailort;
#ifdef NPU_HAILORT_GENAI
namespace genai = ::hailort::genai;
#endif

// "5.2.0": of the libhailort that is loaded.
std::string loaded_version();
// Of a shared object that this is linked into.
PluginHead plugin_head();
// "HAILO10H".
std::string architecture_name(hailo_device_architecture_t architecture);

}  // namespace npu::device::hailort
