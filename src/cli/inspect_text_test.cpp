#include "cli/inspect_text.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace npu::cli {
namespace {

std::string describe(std::string_view text) {
  return describe_inspection(boost::json::parse({text.data(), text.size()}).as_object());
}

TEST(InspectText, Without_HailoRT_the_header_and_the_reason_are_shown) {
  EXPECT_EQ(describe(R"({"file": "/m/x.hef", "bytes": 16, "hef_version": 3, "sha256": null,
                         "note": "install it"})"),
            "/m/x.hef\n"
            "  size            16 bytes, HEF format 3\n"
            "\ninstall it\n");
}

TEST(InspectText, A_detection_model_is_shown_with_its_tensors) {
  const std::string text = describe(R"({
    "file": "/m/yolov8n.hef", "bytes": 7340032, "hef_version": 3, "sha256": "ab", "hash": "cd",
    "architectures": ["HAILO10H", "HAILO15H"], "kind": "tensor", "compiler": "5.2.0", "lora": [],
    "resources": [], "generation": null, "hailort": "5.2.0",
    "operations": [{"operation": "YOLOV8", "Score threshold": "0.200", "Classes": "80"}],
    "groups": [{"name": "yolov8n", "multi_context": true, "bottleneck_fps": 140.4,
      "inputs": [{"name": "yolov8n/input_layer1", "type": "UINT8", "order": "NHWC",
        "shape": [640, 640, 3], "quantisation": {"zero_point": 0.0, "scale": 1.0}}],
      "outputs": [{"name": "yolov8n/nms", "type": "FLOAT32", "order": "NMS_BY_CLASS",
        "quantisation": null,
        "nms": {"classes": 80, "max_boxes_per_class": 100, "max_boxes": 0, "max_mask_bytes": 0}}],
      "input_streams": [{}], "output_streams": [{}, {}]}]})");
  for (const char* part :
       {"7.3 MB (7340032 bytes), HEF format 3", "made for        HAILO10H, HAILO15H",
        "kind            tensors in, tensors out", "YOLOV8: Score threshold 0.200, Classes 80",
        "group yolov8n, several contexts, 140 frames a second at most",
        "in   yolov8n/input_layer1  640x640x3", "UINT8    NHWC          (q - 0) * 1",
        "80 classes, 100 boxes each", "1 input and 2 output streams"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nnot in\n" << text;
  }
  EXPECT_EQ(text.find("LoRA"), std::string::npos);
}

TEST(InspectText, A_language_model_is_shown_with_what_it_says_of_itself) {
  const std::string text = describe(R"({
    "file": "/m/q.hef", "bytes": 1640000000, "hef_version": 3, "sha256": "ab", "hash": null,
    "architectures": ["HAILO10H"], "kind": "llm", "compiler": null, "lora": ["calls", "mails"],
    "resources": ["hailo-config.json", "tokenizer.json"], "operations": [], "groups": [],
    "generation": {"context_length": 2048, "prefill_tokens": 96, "eos_token_id": 7,
      "stop_token_ids": [7, 8], "chunk_seconds": null, "chat_template": "{% for m in x %}\nmore",
      "sampling": {"temperature": 0.7, "top_p": null, "do_sample": true}}})");
  for (const char* part : {"1.64 GB", "language model (LLM)", "calls, mails", "2048 tokens",
                           "96 tokens", "stop tokens     7, 8", "temperature 0.7, do_sample true",
                           "21 bytes, {% for m in x %} ..."}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nnot in\n" << text;
  }
  EXPECT_EQ(text.find("audio at once"), std::string::npos);
}

}  // namespace
}  // namespace npu::cli
