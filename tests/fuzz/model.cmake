# SPDX-License-Identifier: Apache-2.0
set(again "${CMAKE_SOURCE_DIR}/tests/unit/model")
cs_fuzz(fuzz_model SOURCES fuzz_model.c "${again}/model_again.c" DEPS model)
cs_fuzz(fuzz_model_leaf SOURCES fuzz_model_leaf.c "${again}/model_again.c" DEPS model)
cs_fuzz(fuzz_model_deploy SOURCES fuzz_model_deploy.c DEPS model)
cs_fuzz(fuzz_model_proposal SOURCES fuzz_model_proposal.c DEPS model)
cs_fuzz(fuzz_model_command SOURCES fuzz_model_command.c DEPS model)
target_include_directories(fuzz_model PRIVATE "${again}")
target_include_directories(fuzz_model_leaf PRIVATE "${again}")
