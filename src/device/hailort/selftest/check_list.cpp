#include "device/hailort/selftest/check_list.hpp"

namespace npu::device::hailort::selftest {
namespace {

constexpr std::string_view kAnyFile[] = {"any"};
constexpr std::string_view kHef[] = {"hef"};
constexpr std::string_view kLlm[] = {"llm"};
constexpr std::string_view kTwoLlm[] = {"llm", "llm2"};
constexpr std::string_view kHefAndLlm[] = {"hef", "llm"};
constexpr std::string_view kReboot[] = {"reboot"};
constexpr std::string_view kOllama[] = {"ollama", "llm"};

constexpr CheckInfo kChecks[] = {
    {1, "drop a vision model", "does dropping a vision model give its memory on the chip back?",
     kHef, 300},
    {2, "change the language model",
     "can one language model follow another on the same connection, and what does it cost?",
     kTwoLlm, 1500},
    {3, "second language model",
     "with what status is a second language model refused while one is loaded?", kLlm, 600},
    {4, "vision beside tokens",
     "how long do pictures take while tokens are generated, at priorities 12, 16 and 20?",
     kHefAndLlm, 900},
    {5, "abort", "how long does an abort take, while the prompt is read and between tokens?", kLlm,
     600},
    {6, "sessions", "how many connections are possible, and what does one more get?", {}, 300},
    {7, "save a context",
     "how large is a saved context, how long do saving and loading take, does the model go on?",
     kLlm, 1200},
    {8, "restart of the chip", "which calls return when the chip restarts, and which hang?",
     kReboot, 1200},
    {9, "shared memory as input",
     "is a mapped memfd as fast an input as other memory, and does mapping it for DMA help?", kHef,
     600},
    {10, "lost replies", "how often does a tiny call time out for no reason?", {}, 300},
    {11, "connection dropped",
     "does a language model work on when the VDevice that made it is gone?", kLlm, 600},
    {12, "hailo-ollama beside us",
     "what do both sides see when hailo-ollama holds the KV cache in the same group?", kOllama,
     600},
    {13,
     "unit of memory",
     "in what unit is the chip's memory told, and how much more is in use after a model came and "
     "went?",
     {},
     300},
    {14, "load times", "how long does each file load from a cold and from a warm page cache?",
     kAnyFile, 2400},
};

}  // namespace

std::span<const CheckInfo> hardware_checks() { return kChecks; }

}  // namespace npu::device::hailort::selftest
