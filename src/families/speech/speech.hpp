// Speech recognition, model_type `whisper`.
//
//   model_params   none
//   audio          mono, 16 kHz: a float32 tensor (samples) or a list of numbers; finite, at most
//                  30 minutes
//   language       ISO 639-1 code, default en; "" or "auto" detects it
//   task           "transcribe" (default) or "translate" (into English)
//   result         {"segments": [{id, start, end, text}]}, start and end in seconds
//   stream         {"segment": {id, start, end, text}}
#pragma once

#include <memory>

#include "families/family.hpp"

namespace npu::families {

std::unique_ptr<Family> make_speech_family();

}  // namespace npu::families
