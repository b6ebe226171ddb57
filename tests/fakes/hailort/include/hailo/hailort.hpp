// Everything.
#pragma once

#include "hailo/buffer.hpp"
#include "hailo/device.hpp"
#include "hailo/expected.hpp"
#include "hailo/genai/common.hpp"
#include "hailo/genai/llm/llm.hpp"
#include "hailo/genai/speech2text/speech2text.hpp"
#include "hailo/genai/vlm/vlm.hpp"
#include "hailo/hailort.h"
#include "hailo/hailort_common.hpp"
#include "hailo/hailort_defaults.hpp"
#include "hailo/hef.hpp"
#include "hailo/infer_model.hpp"
#include "hailo/vdevice.hpp"
