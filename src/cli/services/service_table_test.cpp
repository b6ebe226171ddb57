#include "cli/services/service_table.hpp"

#include <gtest/gtest.h>

namespace npu::cli {
namespace {

TEST(ServiceTable, A_service_is_found_by_its_name_in_full_and_in_short) {
  for (const char* name : {"hailo-detect", "detect", "hailo-detect.service"}) {
    const auto found = find_service(name);
    ASSERT_TRUE(found) << name;
    EXPECT_EQ((*found)->name, "hailo-detect");
  }
  for (const char* name : {"hailo-device-manager", "device-manager", "manager"}) {
    EXPECT_TRUE((*find_service(name))->is_manager()) << name;
  }
}

TEST(ServiceTable, Another_name_is_answered_with_those_that_there_are) {
  const auto found = find_service("hailo-toaster");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kNotFound);
  EXPECT_NE(found.error().message.find("hailo-toaster; there are hailo-device-manager, hailo-clip"),
            std::string::npos);
}

TEST(ServiceTable, No_names_are_all_and_the_same_twice_is_once) {
  EXPECT_EQ(find_services({})->size(), known_services().size());
  EXPECT_EQ(find_services({"pose", "hailo-pose"})->size(), 1U);
  EXPECT_FALSE(find_services({"pose", "toaster"}));
}

TEST(ServiceTable, Each_service_has_a_picture_to_be_tried_with) {
  for (const auto& service : known_services()) {
    if (service.is_manager()) continue;
    EXPECT_TRUE(service.request->picture.starts_with("\xff\xd8\xff")) << service.name;  // JPEG
    EXPECT_TRUE(service.request->picture.ends_with("\xff\xd9")) << service.name;
  }
}

}  // namespace
}  // namespace npu::cli
