// The fourteen checks, one function each; check_list.hpp says what each asks.
#pragma once

#include "device/hailort/selftest/bench.hpp"

namespace npu::device::hailort::selftest {

Answer drop_vision_model(const Bench& bench);    // 1
Answer sessions(const Bench& bench);             // 6
Answer restart(const Bench& bench);              // 8
Answer shared_memory_input(const Bench& bench);  // 9
Answer lost_replies(const Bench& bench);         // 10
Answer unit_of_memory(const Bench& bench);       // 13
Answer load_times(const Bench& bench);           // 14

#ifdef NPU_HAILORT_GENAI
Answer change_language_model(const Bench& bench);  // 2
Answer second_language_model(const Bench& bench);  // 3
Answer vision_beside_tokens(const Bench& bench);   // 4
Answer abort_latency(const Bench& bench);          // 5
Answer save_context(const Bench& bench);           // 7
Answer connection_dropped(const Bench& bench);     // 11
Answer beside_ollama(const Bench& bench);          // 12
#endif

}  // namespace npu::device::hailort::selftest
