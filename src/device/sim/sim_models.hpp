// The models of the simulated device.
#pragma once

#include <memory>

#include "device/device.hpp"
#include "device/sim/profile.hpp"
#include "device/sim/sim_residency.hpp"

namespace npu::device::sim {

std::unique_ptr<TensorModel> make_tensor_model(std::unique_ptr<SimResidency> residency,
                                               const ModelProfile& profile, int batch);
std::unique_ptr<TextModel> make_text_model(std::unique_ptr<SimResidency> residency,
                                           const ModelProfile& profile);
std::unique_ptr<SpeechModel> make_speech_model(std::unique_ptr<SimResidency> residency,
                                               const ModelProfile& profile);

}  // namespace npu::device::sim
