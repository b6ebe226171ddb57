// TextModel on a session with the device: contexts, limits, and what to do when a generation
// breaks.
//
// A kept context holds the prompt, the answer and the text that ends it ("<|im_end|>"): the prompt
// of a generation that resumes it goes on right after that.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "device/device.hpp"
#include "device/hailort/generation/text_answer.hpp"
#include "device/hailort/generation/text_session.hpp"

namespace npu::device::hailort {

// The clock outlives the model.
std::unique_ptr<TextModel> make_text_model(std::unique_ptr<TextSession> session, const Clock& clock,
                                           const Patience& patience = {});

}  // namespace npu::device::hailort
